import { dirname } from 'node:path';
import Database from 'libsql';
import { StoreUnavailable } from '../../../application/ports/event-store';
import { BUSY_TIMEOUT_MS, retryBusy } from '../../sqlite/retry-busy';
import { networkFileSystem } from '../../system/file-systems';
import { makeFolders } from '../../system/state-folder';
import { corrupt, storeError, unavailable } from './sqlite-errors';
import { pragma, prepareSchema } from './sqlite-schema';

/** Up to this size a file is checked whole when it is opened (about 50 ms); of a larger one, what is read of it. */
const CHECKED_AT_OPEN_BYTES = 32 * 1024 * 1024;

/**
 * Opens (or makes) the file of the embedded store.
 *
 * @throws StoreUnavailable when it cannot be used where it is, StoreCorrupt when it is damaged or no store.
 */
export async function openSqliteFile(path: string): Promise<Database.Database> {
  refuseFolder(dirname(path));
  const database = connect(path);
  try {
    await retryBusy(() => database.exec('pragma journal_mode = WAL'), 'event store');
    demand(database, path, 'journal_mode', 'wal');
    database.exec('pragma synchronous = FULL');
    demand(database, path, 'synchronous', 2);
    await prepareSchema(database, path);
    await checkPages(database, path);
    return database;
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

/** Leaves the whole log in the one file, if nobody else is at it: this driver's `close` alone leaves it in two. */
export function closeSqliteFile(database: Database.Database): void {
  try {
    database.exec('pragma wal_checkpoint(TRUNCATE)');
  } catch {
    // Others still use it; the last one does it, or the next one who opens it.
  }
  database.close();
}

function connect(path: string): Database.Database {
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    const { message } = cause as Error;
    throw unavailable(path, 'a file that can be opened and written', message, 'check owner and permissions', cause);
  }
}

function refuseFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (cause) {
    const seen = (cause as NodeJS.ErrnoException).code ?? 'an error';
    const advice = 'set STAGEGATE_STATE_DIR to one that can';
    throw unavailable(folder, 'a folder that can be written', seen, advice, cause);
  }
  const network = networkFileSystem(folder);
  if (!network) return;
  const message = `${folder}: expected a local file system, saw ${network}; put the store on a local disk`;
  throw new StoreUnavailable('STORE_ON_NETWORK', message);
}

function demand(database: Database.Database, path: string, name: string, wanted: unknown): void {
  const seen = pragma(database, name);
  if (seen !== wanted) {
    throw unavailable(path, `${name} ${String(wanted)}`, String(seen), 'use a local file system');
  }
}

async function checkPages(database: Database.Database, path: string): Promise<void> {
  const bytes = Number(pragma(database, 'page_count')) * Number(pragma(database, 'page_size'));
  if (bytes > CHECKED_AT_OPEN_BYTES) return;
  const verdict = await retryBusy(() => pragma(database, 'quick_check(1)'), 'event store');
  if (verdict !== 'ok') throw corrupt(path, 'its pages contradict each other');
}
