import type { EventStore, Position, StoredEvent, SubscribeOptions } from '../../../src/application/ports/event-store';
import { until } from './until';

/** A subscriber that remembers what it was told. */
export class Follower {
  readonly events: StoredEvent[] = [];
  readonly checkpoints: Position[] = [];
  timesCaughtUp = 0;
  private readonly stopping = new AbortController();
  private done: Promise<void> = Promise.resolve();

  follow(store: EventStore, options: Partial<SubscribeOptions> = {}): this {
    const { done } = store.subscribe({
      after: 'start',
      prefixes: [''],
      onEvent: (event) => {
        this.events.push(event);
      },
      onCheckpoint: (position) => {
        this.checkpoints.push(position);
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
