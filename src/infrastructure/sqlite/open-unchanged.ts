import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { BUSY_TIMEOUT_MS } from './retry-busy';

/** A log beside its database without the index that every process keeps which has them open: somebody copied the two. */
export class HalfCopied extends Error {}

/**
 * Opens a database to look at it and leaves it as it is: no file is made, nothing is migrated or taken over from its log,
 * and no lock stays. Whoever writes it meanwhile goes on. What every reader touches is `-shm`, an index that is made anew
 * whenever it is needed.
 *
 * @throws HalfCopied when it cannot be read without making a file; the driver's error when it cannot be opened.
 */
export function openUnchanged(path: string): Database.Database {
  const [log, index] = [sizeOf(`${path}-wal`), sizeOf(`${path}-shm`)];
  if ((log ?? 0) > 0 && index === null)
    throw new HalfCopied(`${path}: expected a -shm file beside its -wal file, saw none; start the service on it once`);
  // Without both nobody has it open, and everything is in the one file. With them it may be in use, so with its locks.
  const mode = log === null || index === null ? 'immutable=1' : 'mode=ro';
  return new Database(`${pathToFileURL(path).href}?${mode}`, { timeout: BUSY_TIMEOUT_MS });
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
