import { dirname } from 'node:path';
import Database from 'libsql';
import { Kysely } from 'kysely';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { pathKind } from '../system/path-kind';
import { moveAside } from '../sqlite/move-aside';
import { makeFolders } from '../system/state-folder';
import { LibsqlDialect } from './libsql-dialect';
import { BUSY_TIMEOUT_MS, retryBusy } from '../sqlite/retry-busy';
import { refuseUseless, UselessReadModels } from './useless-read-models';

export const IN_MEMORY = ':memory:';

/** Told what was in the place of read models that had to be made again, and where it is now. */
export type OnUseless = (seen: string, movedTo: string) => void;

/**
 * Opens the read models for reading and writing; several processes may do so at once. Close with `destroy()`. Whatever
 * is in their place and is none is moved aside: the log has everything that they are made from.
 *
 * @param path of the file, made if missing; `IN_MEMORY` for a database that ends with the process.
 * @throws InfrastructureError READ_MODEL_UNAVAILABLE, READ_MODEL_NOT_WAL
 */
export async function openReadModels(path: string, onUseless: OnUseless = () => undefined): Promise<Kysely<unknown>> {
  try {
    return await openAt(path);
  } catch (error) {
    if (!(error instanceof UselessReadModels)) throw error;
    onUseless(error.message, moveAside(path));
    return openAt(path);
  }
}

async function openAt(path: string): Promise<Kysely<unknown>> {
  const database = connect(path);
  try {
    await configure(database, path);
    if (path !== IN_MEMORY) await refuseUseless(database, path);
    return new Kysely<unknown>({ dialect: new LibsqlDialect(database) });
  } catch (error) {
    database.close();
    throw told(error, path);
  }
}

function connect(path: string): Database.Database {
  try {
    if (path !== IN_MEMORY) makeFolders(dirname(path));
    return new Database(path, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw told(error, path);
  }
}

/** What the driver throws, in words for people; a lock that stays is told by who waited for it. */
function told(error: unknown, path: string): unknown {
  if (error instanceof InfrastructureError || error instanceof UselessReadModels) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(String(code))) return new UselessReadModels(String(message));
  if (pathKind(path) === 'folder') return new UselessReadModels('a directory');
  const text = `${path}: expected read models that can be opened and written, saw ${String(message)}; check owner, permissions and space`;
  return new InfrastructureError('READ_MODEL_UNAVAILABLE', text, { cause: error });
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
