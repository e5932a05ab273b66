import { mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { StoreCorrupt, StoreUnavailable } from '../../application/ports/event-store';
import { BUSY_TIMEOUT_MS, retryBusy } from '../sqlite/retry-busy';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS es_event (
  position INTEGER PRIMARY KEY,
  stream_id TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 0),
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  meta TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (stream_id, revision)
)`;

/** Magic numbers of file systems over a network, from statfs(2): write-ahead logging needs memory that processes share. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
]);

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
    await retryBusy(() => database.exec(SCHEMA), 'event store');
    if (pragma(database, 'quick_check(1)') !== 'ok') throw corrupt(path, 'its pages contradict each other');
    return database;
  } catch (error) {
    database.close();
    throw storeError(error, path);
  }
}

/** What the driver throws, in the port's terms. Anything unknown goes on as it is. */
export function storeError(error: unknown, path: string): unknown {
  const { code = '', message = '' } = error as { code?: unknown; message?: string };
  if (code === 'SQLITE_NOTADB' || String(code).startsWith('SQLITE_CORRUPT')) return corrupt(path, message, error);
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM|AUTH)/.test(String(code))) {
    const advice = 'free space or make it writable, then try again';
    return new StoreUnavailable(
      'STORE_UNAVAILABLE',
      `${path}: expected a writable event store, saw ${message}; ${advice}`,
      { cause: error },
    );
  }
  return error;
}

function connect(path: string): Database.Database {
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    const message = `${path}: expected a file that can be opened and written, saw ${(cause as Error).message}; check owner and permissions`;
    throw new StoreUnavailable('STORE_UNAVAILABLE', message, { cause });
  }
}

function refuseFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const seen = (cause as NodeJS.ErrnoException).code ?? 'an error';
    const message = `${folder}: expected a folder that can be written, saw ${seen}; set STAGEGATE_STATE_DIR to one that can`;
    throw new StoreUnavailable('STORE_UNAVAILABLE', message, { cause });
  }
  const network = NETWORK_FILE_SYSTEMS.get(statfsSync(folder).type);
  if (!network) return;
  const message = `${folder}: expected a local file system, saw ${network}; put the store on a local disk`;
  throw new StoreUnavailable('STORE_ON_NETWORK', message);
}

function demand(database: Database.Database, path: string, name: string, wanted: unknown): void {
  const seen = pragma(database, name);
  if (seen === wanted) return;
  const message = `${path}: expected ${name} ${String(wanted)}, saw ${String(seen)}; use a local file system`;
  throw new StoreUnavailable('STORE_UNAVAILABLE', message);
}

function pragma(database: Database.Database, text: string): unknown {
  const [row] = database.prepare(`pragma ${text}`).raw().all() as unknown[][];
  return row?.[0];
}

function corrupt(path: string, detail: string, cause?: unknown): StoreCorrupt {
  const message = `${path}: expected an event store, saw a damaged or foreign file (${detail}); restore it from a backup or move it away`;
  return new StoreCorrupt('STORE_CORRUPT', message, { cause });
}
