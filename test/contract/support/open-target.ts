import type { EventStore } from '../../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { openSqliteEventStore } from '../../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { QuietLogger } from '../../support/quiet-logger';
import type { StoreTarget } from './adapter';

/** The store as a process of its own opens it. */
export async function openTarget(target: StoreTarget): Promise<EventStore> {
  if (target.kind === 'sqlite') return openSqliteEventStore(target.path);
  const reachability = new Reachability(new QuietLogger());
  const store =
    target.kind === 'postgres'
      ? new PostgresEventStore(target.url, reachability)
      : new EventStoreDbEventStore(target.url, reachability);
  await store.verify();
  return store;
}
