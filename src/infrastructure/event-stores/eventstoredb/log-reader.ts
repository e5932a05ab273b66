import type { Position, ReadAllPage, StoredEvent } from '../../../application/ports/event-store';
import type { Client } from './calls/client';
import { TookTooLong } from './calls/collect';
import { meaningOf } from './calls/meanings';
import { isAtOrBehind, later } from './places';

/** Events of a stream that are asked for at once. */
const PAGE = 500;

/** A stream, page by page. @throws what the client throws, or `TookTooLong` */
export async function readStreamBy(
  client: Client,
  stream: string,
  from: bigint | 'start' | 'end',
  isBackwards: boolean,
  limit: number,
  withinMs: number,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  let next = from;
  while (events.length < limit) {
    const count = Math.min(PAGE, limit - events.length);
    const asked = client.readStream(stream, { from: next, isBackwards, count, withinMs });
    // Part of a stream must not pass for all of it: one that is gone between two pages has been deleted.
    const page = await (events.length === 0 ? asked.catch(noneOfNoStream) : asked);
    events.push(...page);
    const last = page.at(-1)?.revision;
    if (page.length < count || last === undefined || (isBackwards && last === 0n)) break;
    next = isBackwards ? last - 1n : last + 1n;
  }
  return events;
}

function noneOfNoStream(error: unknown): StoredEvent[] {
  if (meaningOf(error) === 'no-stream') return [];
  throw error;
}

/**
 * A page of the log, by a subscription that ends where the log ended when it began: a plain read of the whole log knows no
 * filter.
 *
 * @throws what the client throws, or `TookTooLong`
 */
export async function readAllBy(
  client: Client,
  after: Position,
  prefixes: readonly string[],
  limit: number,
  withinMs: number,
): Promise<ReadAllPage> {
  const end = await client.readEnd(withinMs);
  if (isAtOrBehind(after, end)) return { events: [], next: after, end: true };
  const events: StoredEvent[] = [];
  const queue = client.subscribe(after, prefixes, withinMs);
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort();
  }, withinMs);
  let next = after;
  try {
    while (events.length < limit) {
      const told = await queue.next(timeout.signal);
      if (told === null) throw new TookTooLong(withinMs);
      if (told.kind === 'caught-up') return { events, next: later(next, end), end: true };
      if (told.kind === 'event') events.push(told.event);
      next = told.kind === 'event' ? told.event.position : told.position;
      if (isAtOrBehind(next, end)) return { events, next, end: true };
      timer.refresh(); // What comes slowly comes.
    }
    return { events, next, end: false };
  } finally {
    clearTimeout(timer);
    queue.stop();
  }
}
