import type { EventStore } from '../../../src/application/ports/event-store';
import { openSqliteEventStore } from '../../../src/infrastructure/event-stores/sqlite-event-store';
import type { StoreTarget } from './adapter';

/** The store as a process of its own opens it. */
export async function openTarget({ path }: StoreTarget): Promise<EventStore> {
  return openSqliteEventStore(path);
}
