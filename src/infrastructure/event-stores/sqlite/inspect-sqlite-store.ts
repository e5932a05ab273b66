import type Database from 'libsql';
import { journalModeIn } from '../../sqlite/journal-mode';
import { HalfCopied, openUnchanged } from '../../sqlite/open-unchanged';
import { NEWEST } from '../newest';
import { retryBusy } from '../../sqlite/retry-busy';
import { corrupt, storeError, unavailable } from './sqlite-errors';
import { SqliteEventStore } from './sqlite-event-store';
import { isCurrent, pragma } from './sqlite-schema';

export interface StoreFacts {
  /** False for an empty file, and for one of an older program: the next start brings it up to date. */
  readonly isCurrent: boolean;
  readonly schema: number;
  readonly journalMode: string;
  readonly events: number;
  /** The latest time among the newest events, ms since 1970: by the clocks of who decided them and who stored them. */
  readonly newestMs: number | null;
}

/**
 * What is to be known of a store's file, every page of it checked.
 *
 * @throws StoreCorrupt, StoreUnavailable
 */
export function inspectSqliteStore(path: string): Promise<StoreFacts> {
  const journalMode = journalModeIn(path) ?? 'unknown';
  return unchanged(path, async (database) => {
    const isUsable = await isCurrent(database, path);
    const verdict = await retryBusy(() => pragma(database, 'quick_check(1)'), 'event store');
    if (verdict !== 'ok') throw corrupt(path, String(verdict).slice(0, 200));
    return {
      isCurrent: isUsable,
      schema: Number(pragma(database, 'user_version')),
      journalMode,
      ...(isUsable ? await contents(database) : { events: 0, newestMs: null }),
    };
  });
}

/** Reads a store without changing anything, and without waiting for anybody. */
export function readSqliteStore<T>(path: string, read: (store: SqliteEventStore) => Promise<T>): Promise<T> {
  return unchanged(path, (database) => read(new SqliteEventStore(path, database)));
}

async function unchanged<T>(path: string, look: (database: Database.Database) => Promise<T>): Promise<T> {
  let database: Database.Database | null = null;
  try {
    database = openUnchanged(path);
    return await look(database);
  } catch (error) {
    if (error instanceof HalfCopied) throw error;
    if (database === null)
      throw unavailable(
        path,
        'a file that can be read',
        (error as Error).message,
        'check owner and permissions',
        error,
      );
    throw storeError(error, path);
  } finally {
    database?.close();
  }
}

async function contents(database: Database.Database): Promise<Pick<StoreFacts, 'events' | 'newestMs'>> {
  const newest = `select created_at, meta from es_event order by position desc limit ${NEWEST}`;
  // What somebody has put there may be no JSON, and no time.
  const occurred = "iif(json_valid(meta), unixepoch(json_extract(meta, '$.at'), 'subsec') * 1000, 0)";
  const sql = `select (select coalesce(max(position), 0) from es_event),
    (select max(max(created_at, coalesce(${occurred}, 0))) from (${newest}))`;
  const [row] = (await retryBusy(() => database.prepare(sql).raw().all(), 'event store')) as [number, number | null][];
  return { events: row?.[0] ?? 0, newestMs: row?.[1] ?? null };
}
