import { setTimeout as delay } from 'node:timers/promises';
import {
  openSqliteEventStore,
  type SqliteEventStore,
} from '../../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import type { ReadModelUrl } from '../../../src/infrastructure/config/values/value-types';
import { openAt } from './databases';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { runnerDeps } from './harness';

/** A process of its own: projects a log into a database, or makes everything there again. */
async function main([events = '', readModels = '', work = '']: readonly string[]): Promise<void> {
  const store = await openSqliteEventStore(events);
  const db = await openAt(JSON.parse(readModels) as ReadModelUrl);
  const runner = new ProjectionRunner(runnerDeps(store, db), PROJECTIONS);
  process.stdout.write('begins\n');
  if (work === 'endless-rebuild') stopAfter(store, 2);
  if (work.endsWith('rebuild')) await runner.rebuild();
  else await runner.catchUp();
  await store.close();
  await db.destroy();
}

/** Makes every read after the first few take longer than any test. */
function stopAfter(store: SqliteEventStore, pages: number): void {
  const readAll = store.readAll.bind(store);
  let left = pages;
  store.readAll = async (options) => {
    if (options.limit > 1) left -= 1;
    if (left < 0) await delay(600_000);
    return readAll(options);
  };
}

void main(process.argv.slice(2));
