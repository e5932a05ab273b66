import type { Position, ReadAllPage, StoredEvent } from '../application/ports/event-store';
import { comparePositions } from './position';

/** More than that is read again instead of being held. */
const MOST_HELD = 5_000;

/** The end of the log as a subscription brings it: what is here needs not be read from the store again. */
export class Tail {
  /** How many events have been brought since the beginning. */
  brought = 0;
  private events: StoredEvent[] = [];
  /** Everything behind this place that has been brought is in `events`. */
  private from: Position;
  private to: Position;

  /** @param after where the subscription began. */
  constructor(after: Position) {
    this.from = after;
    this.to = after;
  }

  add(event: StoredEvent): void {
    // A subscription that had to begin anew may bring an event twice.
    if (comparePositions(event.position, this.to) <= 0) return;
    if (this.events.length === MOST_HELD) this.forgetUpTo(this.to);
    this.events.push(event);
    this.brought += 1;
    this.to = event.position;
  }

  /** Nothing that is asked for is between the last event and here. */
  reached(position: Position): void {
    if (comparePositions(position, this.to) > 0) this.to = position;
  }

  /** What has been brought behind a place, which also is what is asked for next; null when some of it is not held any more. */
  pageAfter(after: Position | 'start', limit: number): ReadAllPage | null {
    if (after === 'start' || comparePositions(after, this.from) < 0) return null;
    this.forgetUpTo(after);
    const events = this.events.slice(0, limit);
    const end = events.length === this.events.length;
    const last = events.at(-1)?.position ?? after;
    return { events, next: end && comparePositions(this.to, last) > 0 ? this.to : last, end };
  }

  private forgetUpTo(place: Position): void {
    const first = this.events.findIndex(({ position }) => comparePositions(position, place) > 0);
    this.events = first < 0 ? [] : this.events.slice(first);
    this.from = place;
  }
}
