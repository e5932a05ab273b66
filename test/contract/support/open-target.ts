import type { EventStore } from '../../../src/application/ports/event-store';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { openSqliteEventStore } from '../../../src/infrastructure/event-stores/sqlite-event-store';
import { SILENT } from '../../support/silent-log';
import type { StoreTarget } from './adapter';

/** The store as a process of its own opens it. */
export async function openTarget(target: StoreTarget): Promise<EventStore> {
  if (target.kind === 'sqlite') return openSqliteEventStore(target.path);
  const store = new PostgresEventStore(target.url, new Reachability(SILENT));
  await store.verify();
  return store;
}
