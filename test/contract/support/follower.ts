import type { EventStore, Position, StoredEvent, SubscribeOptions } from '../../../src/application/ports/event-store';
import { until } from './until';

/** A subscriber that remembers what it was told. */
export class Follower {
  readonly events: StoredEvent[] = [];
  /** Where each page that was taken ends. */
  readonly places: Position[] = [];
  timesCaughtUp = 0;
  private readonly stopping = new AbortController();
  private done: Promise<void> = Promise.resolve();

  follow(store: EventStore, options: Partial<SubscribeOptions> = {}): this {
    const { done } = store.subscribe({
      after: 'start',
      prefixes: [''],
      onPage: (events, next) => {
        this.take(events, next);
      },
      onCaughtUp: () => {
        this.timesCaughtUp += 1;
      },
      ...options,
      signal: this.stopping.signal,
    });
    this.done = done;
    return this;
  }

  take(events: readonly StoredEvent[], next: Position): void {
    this.events.push(...events);
    this.places.push(next);
  }

  get ids(): readonly string[] {
    return this.events.map(({ id }) => id);
  }

  async sees(count: number): Promise<void> {
    await until(`${count} events`, () => this.events.length >= count);
  }

  async catchesUp(): Promise<void> {
    await until('caught up', () => this.timesCaughtUp > 0);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }
}
