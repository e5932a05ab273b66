// A folder for the temporary files of one run of the tests, whose folders ext4 spreads over the disk: they come and go by the
// thousand, and in one place each new file would look through all that went (src/infrastructure/git/run-clone/spread.ts).
const { execFileSync } = require('node:child_process');
const { chmodSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Short: sockets lie in it, and their paths may have 107 bytes. Open to all users, as `/tmp` is: some tests run programs as another. */
function makeSpreadTemp() {
  const dir = mkdtempSync(join(tmpdir(), 'sg-'));
  chmodSync(dir, 0o1777);
  try {
    execFileSync('chattr', ['+T', dir], { stdio: 'ignore' });
  } catch {
    // Another file system: the tests are the same.
  }
  process.env.TMPDIR = dir;
}

/** The teardown of Jest. */
module.exports = () => {
  rmSync(process.env.TMPDIR, { recursive: true, force: true });
};
module.exports.makeSpreadTemp = makeSpreadTemp;
