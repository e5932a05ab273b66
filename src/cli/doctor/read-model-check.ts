import { existsSync } from 'node:fs';
import { Kysely } from 'kysely';
import { LogIdentity } from '../../application/log-identity';
import type { ReadModelUrl, StoreUrl } from '../../infrastructure/config/values/value-types';
import { lookAtPostgresReadModels } from '../../infrastructure/read-models/open-postgres-read-models';
import { LibsqlDialect } from '../../infrastructure/read-models/libsql-dialect';
import { HalfCopied, openUnchanged } from '../../infrastructure/sqlite/open-unchanged';
import { SystemClock } from '../../infrastructure/system/system-clock';
import { GENERATIONS, type GenerationSchema } from '../../projections/generations/generations';
import { LAG_COUNTED, measureLag, type ProjectionLag } from '../../projections/following/lag';
import { PROJECTIONS } from '../../projections/projections';
import { broken, fail, ok, warn, type Finding } from './finding';
import { readLog } from './read-log';
import { need, type CheckContext } from './check-context';
import { wordsOf } from '../../domain/within-sentence';

const NAME = 'read models';
/** A running service follows the log within a second. */
const BEHIND_MS = 10_000;

type KeptUrl = Exclude<ReadModelUrl, { kind: 'memory' }>;

/** SQLSTATE of a table that is not there. */
const NO_TABLE = '42P01';

export async function checkReadModels({ place, service }: CheckContext): Promise<Finding> {
  const { readModel, eventStore } = need(place);
  if (readModel.kind === 'memory') return ok(NAME, 'in memory, made at every start');
  if (readModel.kind === 'file' && !existsSync(readModel.path)) return ok(NAME, 'not there yet');
  if (!isThere(eventStore)) return ok(NAME, 'no log to compare them with');
  try {
    const lags = await lagOf(readModel, eventStore);
    return lagFinding(lags, service.kind === 'answers', readModel.kind === 'file' ? undefined : '');
  } catch (error) {
    if (error instanceof HalfCopied) return warn(NAME, 'not looked at', error.message);
    if (readModel.kind === 'postgres') return broken(NAME, error);
    const how = 'move it away, it is made again at the next start';
    return fail(
      NAME,
      'not to be read',
      `${readModel.path}: expected read models of this log, saw ${wordsOf(error)}; ${how}`,
    );
  }
}

/**
 * @param isFollowed a service runs that ought to keep them at the head.
 * @param checked what else has been looked at.
 */
export function lagFinding(
  lags: readonly ProjectionLag[] | null,
  isFollowed: boolean,
  checked = ', quick_check ok',
): Finding {
  if (lags === null) return ok(NAME, 'not built yet');
  const behind = lags.filter(({ events }) => events > 0);
  if (behind.length === 0) return ok(NAME, `at the head of the log${checked}`);
  const most = Math.max(...behind.map(({ events }) => events));
  const seen = `${most}${most >= LAG_COUNTED ? ' or more' : ''} events behind: ${behind.map((lag) => lag.projection).join(', ')}`;
  if (!isFollowed || behind.every(({ lagMs }) => lagMs < BEHIND_MS))
    return ok(NAME, `${seen}; whoever reads next catches up`);
  return warn(
    NAME,
    seen,
    `read models: expected them at the head of the log, saw ${seen}; look into the service's log`,
  );
}

function isThere(eventStore: StoreUrl): boolean {
  return eventStore.kind === 'file' ? existsSync(eventStore.path) : eventStore.kind !== 'memory';
}

/** Null when nothing has been built yet. */
async function lagOf(readModel: KeptUrl, eventStore: StoreUrl): Promise<readonly ProjectionLag[] | null> {
  const db = readModel.kind === 'file' ? wholeFile(readModel.path) : lookAtPostgresReadModels(readModel.url);
  try {
    if (!(await hasGenerations(db))) return null;
    return await readLog(eventStore, (store) =>
      measureLag({ store, db, log: new LogIdentity(store), clock: new SystemClock() }, PROJECTIONS),
    );
  } finally {
    await db.destroy();
  }
}

/** Every page of it is checked. */
function wholeFile(path: string): Kysely<unknown> {
  const database = openUnchanged(path);
  const [verdict] = database.prepare('pragma quick_check(1)').raw().all() as [string][];
  if (verdict?.[0] === 'ok') return new Kysely<unknown>({ dialect: new LibsqlDialect(database) });
  database.close();
  throw new Error(`a damaged file (${verdict?.[0] ?? 'no answer'})`);
}

async function hasGenerations(db: Kysely<unknown>): Promise<boolean> {
  try {
    await db.withTables<GenerationSchema>().selectFrom(GENERATIONS).select('generation').limit(1).execute();
    return true;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code === NO_TABLE || /no such table/.test(String(message))) return false;
    throw error;
  }
}
