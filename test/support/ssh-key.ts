import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key pair in a folder, and what git needs to check its signatures. */
export interface SshKey {
  readonly file: string;
  /** Options of git that know the key, and no other one. */
  readonly trusted: readonly string[];
}

/** Null where ssh-keygen is there. */
export const NO_SSH_KEYGEN = hasSshKeygen() ? null : 'expected ssh-keygen on the path, saw none';

export function sshKey(dir: string, { passphrase = '', name = 'key' } = {}): SshKey {
  const file = join(dir, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
  const allowed = join(dir, `${name}.allowed`);
  writeFileSync(allowed, `*@example.org ${readFileSync(`${file}.pub`, 'utf8')}`);
  return { file, trusted: ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`] };
}

function hasSshKeygen(): boolean {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // It knows no such option, and says so by its exit code.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
