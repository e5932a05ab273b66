import { withinSentence } from '../../domain/within-sentence';
import { GitError } from '../../application/ports/git-workspace';
import { processEnvironment } from '../config/environment';

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
  // Loaded for the first signature: most projects sign nothing.
  const { execa } = await import('execa');
  const { exitCode, stdout, stderr, shortMessage, code } = await execa(
    'ssh-keygen',
    ['-Y', 'sign', '-n', 'git', '-f', keyFile],
    {
      input: bytes,
      env: {
        PATH: processEnvironment()['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
        LC_ALL: 'C',
        // Whoever is asked for a passphrase answers with an empty one.
        SSH_ASKPASS: '/bin/true',
        SSH_ASKPASS_REQUIRE: 'force',
      },
      extendEnv: false,
      reject: false,
      timeout: SIGN_MS,
    },
  );
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout;
  if (code === 'ENOENT')
    throw new GitError(
      'GIT_SIGNING_FAILED',
      'ssh-keygen: expected it on the PATH, saw none; install the client of OpenSSH, or name no key',
    );
  const lines = (stderr || shortMessage || 'it said nothing').split('\n').filter((line) => !FRAME.test(line));
  const said = lines.slice(0, 3).map(withinSentence).join('; ');
  throw new GitError(
    'GIT_SIGNING_FAILED',
    `ssh-keygen: expected a signature by ${keyFile}, saw: ${said.slice(0, 300)}; name a private key without a passphrase`,
  );
}
