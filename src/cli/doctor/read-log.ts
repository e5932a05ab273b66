import type { EventStore } from '../../application/ports/event-store';
import type { StoreUrl } from '../../infrastructure/config/values/value-types';
import { readSqliteStore } from '../../infrastructure/event-stores/sqlite/inspect-sqlite-store';
import { openEventStore } from '../../infrastructure/event-stores/open-event-store';
import { PinoLogger } from '../../infrastructure/system/pino-logger';

/** Reads a log wherever it is, and changes nothing. */
export async function readLog<T>(url: StoreUrl, read: (store: EventStore) => Promise<T>): Promise<T> {
  if (url.kind === 'file') return readSqliteStore(url.path, read);
  const { store } = await openEventStore(url, new PinoLogger({ level: 'silent' }));
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}
