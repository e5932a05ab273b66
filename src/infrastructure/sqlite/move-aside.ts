import { lstatSync, renameSync, rmSync } from 'node:fs';

/** What SQLite keeps beside a database. The names go with it: another file of the name would take them for its own. */
const BESIDE = ['-wal', '-shm', '-journal', ''] as const;

/**
 * Gives a database another name, with everything that belongs to it; what had that name before is removed.
 *
 * @returns the new path.
 */
export function moveAside(path: string): string {
  const aside = `${path}.damaged`;
  for (const end of BESIDE) {
    rmSync(aside + end, { recursive: true, force: true });
    if (lstatSync(path + end, { throwIfNoEntry: false })) renameSync(path + end, aside + end);
  }
  return aside;
}
