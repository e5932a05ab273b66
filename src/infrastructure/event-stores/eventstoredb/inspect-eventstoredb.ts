import type { StoredEvent } from '../../../application/ports/event-store';
import { PinoLogger } from '../../system/pino-logger';
import { NEWEST } from '../newest';
import { Reachability } from '../reachability';
import { EventStoreDbEventStore } from './eventstoredb-event-store';

export interface EventStoreDbFacts {
  readonly hasEvents: boolean;
  /** The latest time among the newest events, ms since 1970: by the clocks of who decided them and who stored them. */
  readonly newestMs: number | null;
  /** Bytes that one append may have; null: enough for every import. */
  readonly appendLimit: number | null;
}

/** What a person at a terminal waits. */
const WITHIN_MS = 5_000;

/**
 * What is to be known of a server with a log on it; stores nothing.
 *
 * @throws StoreUnavailable, StoreCorrupt
 */
export async function inspectEventStoreDb(url: string): Promise<EventStoreDbFacts> {
  const store = new EventStoreDbEventStore(url, new Reachability(new PinoLogger({ level: 'silent' })), {
    readMs: WITHIN_MS,
    appendMs: WITHIN_MS,
  });
  try {
    await store.verify();
    // By a subscription, as the service reads: that needs a right of its own.
    const { events } = await store.readAll({ prefixes: [''], limit: 1 });
    const newest = await store.readNewest(NEWEST);
    const newestMs = newest.length === 0 ? null : Math.max(...newest.map(latestOf));
    return { hasEvents: events.length > 0, newestMs, appendLimit: await store.appendLimit() };
  } finally {
    await store.close();
  }
}

function latestOf({ recordedAt, meta }: StoredEvent): number {
  const { at } = meta;
  const decidedAt = typeof at === 'string' ? Date.parse(at) : NaN;
  return Math.max(recordedAt.getTime(), Number.isNaN(decidedAt) ? 0 : decidedAt);
}
