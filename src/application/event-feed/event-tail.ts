import { ACCESS_STREAM } from '../../domain/ids';
import { Growth } from '../growth';
import { comparePositions } from '../position';
import type { Clock } from '../ports/clock';
import type { EventStore, Position, StoredEvent } from '../ports/event-store';
import { sleep } from '../sleep';
import { PUBLISHED_PREFIXES, type PublishedEvent } from './published-event';

export interface TailDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly publish: (stored: StoredEvent) => Promise<PublishedEvent | null>;
  /** Somebody may have been let in or turned away. */
  readonly onAccess: () => void;
}

/** Of the newest events: whoever is further behind reads the log. */
const MOST_EVENTS = 2_000;
const MOST_CHARS = 4 * 1024 * 1024;
/** Events that come within this time go out together: nobody notices, and it costs a tenth where many follow. */
const GATHER_MS = 15;

/** The end of the log in memory, made by one subscription for all who follow it. */
export class EventTail {
  private readonly stopping = new AbortController();
  private readonly growth = new Growth();
  private readonly done: Promise<void>;
  private kept: PublishedEvent[] = [];
  private chars = 0;
  private to: Position;

  /** @param from everything behind it is kept here, or was. */
  constructor(
    private readonly deps: TailDeps,
    private from: Position,
  ) {
    this.to = from;
    this.done = deps.store.subscribe({
      after: from,
      prefixes: [...PUBLISHED_PREFIXES, ACCESS_STREAM],
      onPage: (events, next) => this.take(events, next),
      signal: this.stopping.signal,
    }).done;
  }

  /** @returns null when it is not known any more: the log has to be read. */
  after(position: Position): { readonly events: readonly PublishedEvent[]; readonly next: Position } | null {
    if (comparePositions(position, this.from) < 0) return null;
    const next = comparePositions(position, this.to) < 0 ? this.to : position;
    return { events: this.kept.slice(this.firstBehind(position)), next };
  }

  /** Of `grown`: taken before a look at what there is. */
  get seen(): number {
    return this.growth.seen;
  }

  /** Resolves when the log has grown since `seen` was taken, or the signal aborts. */
  async grown(seen: number, signal: AbortSignal): Promise<void> {
    if (!this.stopping.signal.aborted) await this.growth.after(seen, signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.growth.grew();
    await this.done;
  }

  private async take(events: readonly StoredEvent[], next: Position): Promise<void> {
    for (const stored of events) {
      // A page may come again.
      if (comparePositions(stored.position, this.to) <= 0) continue;
      if (stored.stream === ACCESS_STREAM) this.deps.onAccess();
      const event = await this.deps.publish(stored);
      if (event) this.keep(event);
      this.to = stored.position;
    }
    if (comparePositions(next, this.to) > 0) this.to = next;
    if (events.length === 0) return;
    this.growth.grew();
    await sleep(this.deps.clock, GATHER_MS, this.stopping.signal);
  }

  private keep(event: PublishedEvent): void {
    this.kept.push(event);
    this.chars += event.json.length;
    let dropped = 0;
    while (this.kept.length - dropped > MOST_EVENTS || (this.chars > MOST_CHARS && dropped < this.kept.length)) {
      const oldest = this.kept[dropped];
      if (!oldest) break;
      this.chars -= oldest.json.length;
      this.from = oldest.position;
      dropped += 1;
    }
    if (dropped > 0) this.kept = this.kept.slice(dropped);
  }

  /** By halves: thousands are kept, and hundreds of readers ask at once. */
  private firstBehind(position: Position): number {
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.kept[middle];
      if (event && comparePositions(event.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
