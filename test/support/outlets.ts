import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns the end for writing of a pipe that nobody reads any more; the caller closes it. */
export function pipeWithoutReader(): number {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-pipe-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    closeSync(reader);
    return writer;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns a file of a disk that has no room; the caller closes it. */
export function fullDisk(): number {
  return openSync('/dev/full', constants.O_WRONLY);
}
