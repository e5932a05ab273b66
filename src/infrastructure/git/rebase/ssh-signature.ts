import { withinSentence } from '../../../domain/within-sentence';
import { GitError } from '../../../application/ports/git-workspace';
import { smallCommand } from '../../system/small-command';

/** One signature takes milliseconds; a key behind a slow device does not take longer than this. */
const SIGN_MS = 10_000;
/** Of the box that it draws around a warning; what is wrong stands below. */
const FRAME = /^@/;

/**
 * Signs as git does with `gpg.format=ssh`: OpenSSH's signature of the bytes, in the namespace `git`.
 *
 * @param keyFile a private key without a passphrase: nobody is there who could type one.
 * @returns the armoured signature.
 * @throws GitError GIT_SIGNING_FAILED
 */
export async function signWith(keyFile: string, bytes: Uint8Array): Promise<string> {
  const { isDone, stdout, said, isMissing } = await smallCommand(
    'ssh-keygen',
    ['-Y', 'sign', '-n', 'git', '-f', keyFile],
    // Whoever is asked for a passphrase answers with an empty one.
    { timeoutMs: SIGN_MS, input: bytes, env: { SSH_ASKPASS: '/bin/true', SSH_ASKPASS_REQUIRE: 'force' } },
  );
  if (isDone && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout;
  if (isMissing)
    throw new GitError(
      'GIT_SIGNING_FAILED',
      'ssh-keygen: expected it on the PATH, saw none; install the client of OpenSSH, or name no key',
    );
  const lines = (said || 'it said nothing').split('\n').filter((line) => !FRAME.test(line));
  const words = lines.slice(0, 3).map(withinSentence).join('; ').slice(0, 300);
  throw new GitError(
    'GIT_SIGNING_FAILED',
    `ssh-keygen: expected a signature by ${keyFile}, saw: ${words}; name a private key without a passphrase`,
  );
}
