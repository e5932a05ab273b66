import type { EventStore, Position, ReadAllPage, StoredEvent } from '../../application/ports/event-store';
import { PROJECTED_PREFIXES } from '../events/log-event';
import { comparePositions } from '../events/position';

/** Events per transaction: large enough to hide its cost, small enough that readers and other processes get their turn. */
export const BATCH_SIZE = 1_000;

/** A part of the log as a subscription brought it: all that projections are about between two places. */
export interface LogPage {
  readonly after: Position;
  readonly events: readonly StoredEvent[];
  readonly next: Position;
}

/** What of a page lies behind a place, which may be behind all of it; null when some of what lies there is not in the page. */
export function partAfter(place: Position | 'start', { after, events, next }: LogPage): ReadAllPage | null {
  if (place === 'start' || comparePositions(place, after) < 0) return null;
  const part = events.filter(({ position }) => comparePositions(position, place) > 0);
  return { events: part, next: comparePositions(next, place) > 0 ? next : place, end: true };
}

export function readAfter(store: EventStore, place: Position | 'start'): Promise<ReadAllPage> {
  const after = place === 'start' ? {} : { after: place };
  return store.readAll({ ...after, prefixes: PROJECTED_PREFIXES, limit: BATCH_SIZE });
}
