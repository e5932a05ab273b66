import {
  EventStore,
  RevisionConflict,
  type AppendResult,
  type NewEvent,
  type Position,
  type ReadAllPage,
  type StoredEvent,
  type SubscribeOptions,
  type Subscription,
} from '../../../src/application/ports/event-store';

/** A log in an array, with a subscription that only ever says "more". */
export class FakeEventStore extends EventStore {
  readonly info = { kind: 'memory', durability: 'none' } as const;
  readonly events: StoredEvent[] = [];
  /** Pages that `readAll` has answered. */
  reads = 0;
  private readonly watchers = new Set<(event: StoredEvent) => void>();

  async append(stream: string, expected: bigint | 'no-stream', events: readonly NewEvent[]): Promise<AppendResult> {
    const length = BigInt(this.events.filter((event) => event.stream === stream).length);
    const actual = length === 0n ? 'no-stream' : length - 1n;
    if (actual !== expected) throw new RevisionConflict(stream, expected, actual);
    events.forEach((event, index) => {
      this.push(stream, length + BigInt(index), event);
    });
    return { revision: length + BigInt(events.length) - 1n };
  }

  push(stream: string, revision: bigint, event: NewEvent): void {
    const commit = BigInt((this.events.length + 1) * 100);
    const stored = { ...event, stream, revision, position: { commit, prepare: commit }, recordedAt: new Date(0) };
    this.events.push(stored);
    for (const watch of this.watchers) watch(stored);
  }

  async readStream(): Promise<StoredEvent[]> {
    throw new Error('read models read the log, not streams');
  }

  async readAll(options: { after?: Position; prefixes: readonly string[]; limit: number }): Promise<ReadAllPage> {
    this.reads += 1;
    const after = options.after?.commit ?? 0n;
    const rest = this.events.slice(Number(after / 100n)).filter((event) => event.position.commit > after);
    const events = rest
      .filter(({ stream }) => options.prefixes.some((p) => stream.startsWith(p)))
      .slice(0, options.limit);
    const end = events.length < options.limit;
    const next = (end ? rest.at(-1) : events.at(-1))?.position ?? options.after ?? { commit: 0n, prepare: 0n };
    return { events, next, end };
  }

  subscribe({ onEvent, signal }: SubscribeOptions): Subscription {
    const watch = (event: StoredEvent) => {
      void onEvent(event);
    };
    this.watchers.add(watch);
    const done = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        this.watchers.delete(watch);
        resolve();
      });
    });
    return { done };
  }

  async close(): Promise<void> {
    this.watchers.clear();
  }
}
