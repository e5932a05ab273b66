import type { EventStore, StoredEvent } from '../ports/event-store';
import { eventLine, type MovableEvent, type MovableLog } from './event-line';
import { LogRefused } from './log-refused';

/** Events of a store that are in memory at once. */
const PAGE = 200;

export interface Compared {
  /** Events of the log. */
  readonly total: number;
  /** Of these, from the first on, how many the store holds. */
  readonly held: number;
}

/**
 * Reads a log and a store side by side.
 *
 * @throws LogRefused when the store holds anything but the beginning of the log, event for event and byte for byte.
 */
export async function compareLog(store: EventStore, log: MovableLog): Promise<Compared> {
  const stored = eventsOf(store);
  let total = 0;
  let held = 0;
  for await (const event of log()) {
    total += 1;
    const next = held === total - 1 ? await stored.next() : { done: true as const };
    if (next.done === true) continue;
    refuseOther(total, event, next.value);
    held += 1;
  }
  const more = held === total ? await stored.next() : { done: true as const };
  if (more.done !== true)
    throw notTheBeginning(`as many events as the log, ${total}`, `more, the next one being ${nameOf(more.value)}`);
  return { total, held };
}

/** Every event of a store, in pages. */
export async function* eventsOf(store: EventStore): AsyncGenerator<StoredEvent, void> {
  for await (const page of pagesOf(store)) yield* page;
}

export async function* pagesOf(store: EventStore): AsyncGenerator<readonly StoredEvent[], void> {
  let page = await store.readAll({ prefixes: [''], limit: PAGE });
  yield page.events;
  while (!page.end) {
    page = await store.readAll({ after: page.next, prefixes: [''], limit: PAGE });
    yield page.events;
  }
}

function refuseOther(place: number, expected: MovableEvent, seen: StoredEvent): void {
  if (eventLine(seen) === eventLine(expected)) return;
  const isSame = seen.stream === expected.stream && seen.revision === expected.revision;
  const what = isSame ? `another event ${nameOf(seen)}` : nameOf(seen);
  throw notTheBeginning(`event ${place} to be ${nameOf(expected)}`, what);
}

function notTheBeginning(expected: string, seen: string): LogRefused {
  return new LogRefused(
    `event store: expected it to be empty or to hold the beginning of this log: ${expected}; saw ${seen}; choose an empty one`,
  );
}

function nameOf({ stream, revision, type }: MovableEvent): string {
  return `${type} (${stream} ${revision})`;
}
