import { comparePositions } from '../position';
import type { EventStore, Position, StoredEvent } from '../ports/event-store';

/** Events that a subscriber is about, behind a position. */
export interface Due {
  readonly events: readonly StoredEvent[];
  /** The last event that was looked at for them, whatever it is about; null when there is none behind the position. */
  readonly last: StoredEvent | null;
  /** Events that were looked at so far, here and before, where that is counted. */
  readonly count: number;
}

export type Wants = (event: StoredEvent) => boolean;

/** Enough for whoever keeps up; who is further behind reads the log. */
const MOST_KEPT = 500;
const PAGE = 500;
/** Whoever starts reads so many events again at most that nobody wanted. */
export const MANY = 500;

/** The end of the log as a subscription tells it: of the newest events, those that somebody wants. */
export class Feed {
  private count = 0;
  private last: StoredEvent | null = null;
  private readonly kept: StoredEvent[] = [];

  /** @param from what is wanted behind this position is kept here, or was and is not any more. */
  constructor(
    private from: Position,
    private readonly isWanted: Wants,
  ) {}

  /** @returns whether many have come since that was last so: checkpoints may want to pass them over. */
  add(event: StoredEvent): boolean {
    // A subscription may tell an event again.
    if (this.last && comparePositions(event.position, this.last.position) <= 0) return false;
    this.count += 1;
    this.last = event;
    if (this.isWanted(event)) this.keep(event);
    return this.count % MANY === 0;
  }

  /** @returns null when it is not known any more: the log has to be read. */
  after(position: Position, wants: Wants): Due | null {
    if (comparePositions(position, this.from) < 0) return null;
    const isBehind = (event: StoredEvent) => comparePositions(event.position, position) > 0;
    const events = this.kept.filter((event) => isBehind(event) && wants(event));
    return { events, last: this.last && isBehind(this.last) ? this.last : null, count: this.count };
  }

  private keep(event: StoredEvent): void {
    this.kept.push(event);
    const dropped = this.kept.length > MOST_KEPT ? this.kept.shift() : undefined;
    if (dropped) this.from = dropped.position;
  }
}

/** Reads on until something is wanted, or to the end. */
export async function readDue(store: EventStore, from: Position, wants: Wants, prefix: string): Promise<Due> {
  let [after, last]: [Position, StoredEvent | null] = [from, null];
  for (;;) {
    const page = await store.readAll({ after, prefixes: [prefix], limit: PAGE });
    const events = page.events.filter(wants);
    last = page.events.at(-1) ?? last;
    if (page.end || events.length > 0) return { events, last, count: 0 };
    after = page.next;
  }
}
