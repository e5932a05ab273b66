import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signWith } from '../../../../src/infrastructure/git/rebase/ssh-signature';
import { NO_SSH_KEYGEN, sshKey } from '../../../support/ssh-key';
import { testWherePossible } from '../../../support/test-where-possible';

const root = mkdtempSync(join(tmpdir(), 'stagegate-ssh-signature-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

testWherePossible(NO_SSH_KEYGEN, 'of a key that others may read it is said what is wrong with it', async () => {
  const { file } = sshKey(root);
  chmodSync(file, 0o666);
  await expect(signWith(file, new Uint8Array())).rejects.toThrow(
    /^ssh-keygen: expected a signature by \S+, saw: Permissions 0666 for .* are too open/,
  );
});

test('where there is no ssh-keygen, that is what is said', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = root;
  try {
    await expect(signWith(join(root, 'key'), new Uint8Array())).rejects.toThrow(
      'ssh-keygen: expected it on the PATH, saw none; install the client of OpenSSH, or name no key',
    );
  } finally {
    process.env['PATH'] = path;
  }
});
