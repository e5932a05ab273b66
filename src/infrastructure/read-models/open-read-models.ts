import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { Kysely } from 'kysely';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { LibsqlDialect } from './libsql-dialect';
import { BUSY_TIMEOUT_MS, retryBusy } from '../sqlite/retry-busy';

export const IN_MEMORY = ':memory:';

/**
 * Opens the read models for reading and writing; several processes may do so at once. Close with `destroy()`.
 *
 * @param path of the file, made if missing; `IN_MEMORY` for a database that ends with the process.
 */
export async function openReadModels(path: string): Promise<Kysely<unknown>> {
  if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    await configure(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
  return new Kysely<unknown>({ dialect: new LibsqlDialect(database) });
}

async function configure(database: Database.Database, path: string): Promise<void> {
  const [mode] = await retryBusy(() => pragma(database, 'journal_mode = WAL'));
  if (mode !== 'wal' && path !== IN_MEMORY) {
    const message = `expected ${path} to allow write-ahead logging, saw ${String(mode)}; use a local file system`;
    throw new InfrastructureError('READ_MODEL_NOT_WAL', message);
  }
  // A power cut may cost the last batches but never tears one: rows and checkpoint go together, and are projected again.
  pragma(database, 'synchronous = NORMAL');
}

function pragma(database: Database.Database, text: string): unknown[] {
  return database
    .prepare(`pragma ${text}`)
    .all()
    .flatMap((row) => Object.values(row as object) as unknown[]);
}
