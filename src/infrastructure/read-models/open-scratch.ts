import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { Kysely } from 'kysely';
import { LibsqlDialect } from './libsql-dialect';

/** What a scratch database keeps in memory of itself, in KiB; the rest is in its file. */
const CACHE_KIB = 8_000;

/**
 * A database for this process alone, gone when it is closed or the process ends, however it ends: its file has no name.
 *
 * @param folder on a file system with room for it; made if missing.
 */
export function openScratch(folder: string): Kysely<unknown> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `scratch-${randomUUID()}.db`);
  const database = new Database(path);
  // Nobody else sees it and nothing of it has to survive: neither journal nor sync.
  for (const pragma of ['journal_mode = off', 'synchronous = off', `cache_size = -${CACHE_KIB}`])
    database.prepare(`pragma ${pragma}`).all();
  const file = openSync(path, 'r+');
  rmSync(path);
  const close = () => {
    // The driver keeps file and memory until its statements are collected, whenever that is.
    database.exec('pragma shrink_memory');
    database.close();
    ftruncateSync(file);
    closeSync(file);
  };
  return new Kysely<unknown>({ dialect: new LibsqlDialect(database, close) });
}
