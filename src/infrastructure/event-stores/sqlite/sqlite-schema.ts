import type Database from 'libsql';
import { retryBusy } from '../../sqlite/retry-busy';
import { corrupt, unavailable } from './sqlite-errors';

/** `stgt`: what the file says it is, at byte 68 of its header. */
const APPLICATION_ID = 0x73746774;
/** Raised by one with every change of the schema; the embedded store migrates itself. */
const VERSION = 1;

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
);
pragma application_id = ${APPLICATION_ID};
pragma user_version = ${VERSION}`;

/**
 * Brings the file to this program's schema; touches nothing that is not its own.
 *
 * @throws StoreUnavailable when a newer program wrote it, StoreCorrupt when it belongs to another one.
 */
export async function prepareSchema(database: Database.Database, path: string): Promise<void> {
  if (await isCurrent(database, path)) return;
  await retryBusy(() => database.exec('begin immediate'), 'event store');
  try {
    // Another process may have been faster.
    if (!(await isCurrent(database, path))) database.exec(SCHEMA);
    database.exec('commit');
  } finally {
    if (database.inTransaction) database.exec('rollback');
  }
}

export function pragma(database: Database.Database, text: string): unknown {
  const [row] = database.prepare(`pragma ${text}`).raw().all() as unknown[][];
  return row?.[0];
}

/**
 * @returns false for an empty file, and for that of an older program.
 * @throws StoreUnavailable when a newer program wrote it, StoreCorrupt when it belongs to another one.
 */
export async function isCurrent(database: Database.Database, path: string): Promise<boolean> {
  const [id, version] = await retryBusy(
    () => [Number(pragma(database, 'application_id')), Number(pragma(database, 'user_version'))] as const,
    'event store',
  );
  if (id === APPLICATION_ID) {
    if (version <= VERSION) return version === VERSION;
    throw unavailable(path, `schema ${VERSION}`, `schema ${version}`, 'a newer stagegate wrote it: use that one');
  }
  if (id !== 0 || hasForeignTables(database)) throw corrupt(path, 'a database of another program');
  return false;
}

/** The first files of this store did not say what they were; they have the one table. */
function hasForeignTables(database: Database.Database): boolean {
  const sql = "select count(*), sum(name = 'es_event') from sqlite_schema where type = 'table'";
  const [row] = database.prepare(sql).raw().all() as [number, number | null][];
  return row !== undefined && row[0] > 0 && row[1] !== 1;
}
