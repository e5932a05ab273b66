import type { EventStore } from '../../application/ports/event-store';
import type { Logger } from '../../application/ports/logger';
import type { StoreUrl } from '../config/values/value-types';
import { Reachability } from './reachability';

/** A store, and how to find out whether it can be used yet. */
export interface OpenedStore {
  readonly store: EventStore;
  readonly reachability: Reachability;
  /** @throws StoreUnavailable, StoreCorrupt with a line for the user */
  verify(): Promise<void>;
  /** For a service, after `verify`. @throws StoreUnavailable when the store does not take all that a service may append. */
  mayAppend(): Promise<void>;
}

/**
 * Loads only the driver that is needed. A file is opened and looked at here; a server only by `verify`, so that a service can
 * start before it.
 *
 * @throws StoreUnavailable, StoreCorrupt with a line for the user
 */
export async function openEventStore(url: StoreUrl, logger: Logger): Promise<OpenedStore> {
  switch (url.kind) {
    case 'memory': {
      const { MemoryEventStore } = await import('./memory-event-store.js');
      return usable(new MemoryEventStore(), logger);
    }
    case 'file': {
      const { openSqliteEventStore } = await import('./sqlite/sqlite-event-store.js');
      return usable(await openSqliteEventStore(url.path), logger);
    }
    case 'postgres':
      return openPostgres(url.url, logger);
    case 'eventstoredb': {
      const { EventStoreDbEventStore } = await import('./eventstoredb/eventstoredb-event-store.js');
      const reachability = new Reachability(logger);
      const store = new EventStoreDbEventStore(url.url, reachability);
      return { store, reachability, verify: () => store.verify(), mayAppend: () => store.mayAppend() };
    }
  }
}

/** A store that can be used at once. @throws StoreUnavailable, StoreCorrupt with a line for the user */
export async function openUsableStore(url: StoreUrl, logger: Logger): Promise<EventStore> {
  const opened = await openEventStore(url, logger);
  try {
    await opened.verify();
    return opened.store;
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

function usable(store: EventStore, logger: Logger): OpenedStore {
  const nothing = async () => undefined;
  return { store, reachability: new Reachability(logger), verify: nothing, mayAppend: nothing };
}

async function openPostgres(url: string, logger: Logger): Promise<OpenedStore> {
  const { PostgresEventStore } = await import('./postgres/postgres-event-store.js');
  const reachability = new Reachability(logger);
  const store = new PostgresEventStore(url, reachability);
  const verify = async () => {
    const { notDurable, ownsLog } = await store.verify();
    if (notDurable.length > 0) {
      logger.warn('the event store may lose acknowledged events in a power cut', { off: notDurable.join(', ') });
    }
    if (ownsLog) {
      logger.warn('the service connects as the owner of the log and could change it; see stagegate migrate --grant-to');
    }
  };
  return { store, reachability, verify, mayAppend: async () => undefined };
}
