import { existsSync } from 'node:fs';
import { refuseMissingLog } from '../../compose/known-log';
import { inspectSqliteStore, type StoreFacts } from '../../infrastructure/event-stores/sqlite/inspect-sqlite-store';
import { HalfCopied } from '../../infrastructure/sqlite/open-unchanged';
import { clockFinding } from './clock';
import { broken, fail, ok, warn, type Finding } from './finding';
import { need, type Place, type CheckContext } from './check-context';

const NAME = 'event store';

/** The log: there, whole, durable, and of a schema this program knows. And what its newest events say about the clock. */
export async function checkEventStore({ place: known, service }: CheckContext): Promise<readonly Finding[]> {
  const place = need(known);
  const { eventStore } = place;
  if (eventStore.kind === 'memory') {
    const line =
      'STAGEGATE_EVENT_STORE_URL: expected file:PATH, saw "memory:", which forgets all at the end; set a file';
    return [warn(NAME, 'in memory, not durable', line), clockFinding(null, Date.now())];
  }
  if (eventStore.kind === 'postgres') {
    const { checkPostgresStore } = await import('./postgres-check.js');
    return checkPostgresStore(eventStore.url);
  }
  if (eventStore.kind === 'eventstoredb') {
    const { checkEventStoreDb } = await import('./eventstoredb-check.js');
    return checkEventStoreDb(eventStore.url);
  }
  const { path } = eventStore;
  if (!existsSync(path)) {
    if (service.kind !== 'answers') return [notThere(path, place), clockFinding(null, Date.now())];
    const line = `${path}: expected the store of the running service, saw nothing; stop it and restore a backup`;
    return [fail(NAME, `${path} is gone`, line)];
  }
  try {
    const facts = await inspectSqliteStore(path);
    return [storeFinding(path, facts), clockFinding(facts.newestMs, Date.now())];
  } catch (error) {
    const found = error instanceof HalfCopied ? warn(NAME, 'not looked at', error.message) : broken(NAME, error);
    return [found, clockFinding(null, Date.now())];
  }
}

/** Before the first start, or because somebody has taken it away. */
function notThere(path: string, place: Place): Finding {
  try {
    refuseMissingLog(place);
    return ok(NAME, `${path} is not there yet`);
  } catch (error) {
    return broken(NAME, error);
  }
}

function storeFinding(path: string, { isCurrent, schema, journalMode, events }: StoreFacts): Finding {
  if (!isCurrent) return ok(NAME, `${path}: schema ${schema}, brought up to date at the next start`);
  const seen = `${path}: ${events} events, quick_check ok, schema ${schema}`;
  if (journalMode === 'wal') return ok(NAME, `${seen}, durable`);
  const line = `${path}: expected journal mode wal, saw ${journalMode}; start the service on it, which sets it`;
  return warn(NAME, seen, line);
}
