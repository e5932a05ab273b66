import type { ExpectedRevision } from '../../domain/fact';
import {
  EventIdReused,
  EventStore,
  RevisionConflict,
  StoreClosed,
  StreamNotFound,
  type AppendResult,
  type NewEvent,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../application/ports/event-store';

/** The log in memory: for tests and for trying things out. */
export class MemoryEventStore extends EventStore {
  readonly info: StoreInfo = { kind: 'memory', durability: 'none' };
  private readonly all: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly byId = new Map<string, StoredEvent>();
  private readonly followers = new Set<() => void>();
  private isClosed = false;

  async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendResult> {
    this.mustBeOpen();
    const stored = this.streams.get(stream) ?? [];
    const actual: ExpectedRevision = stored.length === 0 ? 'no-stream' : BigInt(stored.length - 1);
    const first = expected === 'no-stream' ? 0 : Number(expected) + 1;
    if (actual !== expected) {
      const isSame = events.length > 0 && events.every(({ id }, index) => stored[first + index]?.id === id);
      if (isSame) return { revision: BigInt(first + events.length - 1), duplicate: true };
      throw new RevisionConflict(stream, expected, actual);
    }
    const reused = events.find(({ id }) => this.byId.has(id));
    if (reused) throw new EventIdReused('STORE_EVENT_ID_REUSED', `event id ${reused.id} is in use elsewhere`);
    for (const event of events) this.push(stream, stored, event);
    this.streams.set(stream, stored);
    for (const wake of this.followers) wake();
    return { revision: BigInt(stored.length - 1), duplicate: false };
  }

  async readStream(stream: string, { from, direction = 'forwards', limit }: ReadStreamOptions): Promise<StoredEvent[]> {
    this.mustBeOpen();
    const stored = this.streams.get(stream);
    if (!stored) throw new StreamNotFound(stream);
    if (direction === 'forwards') return from === 'end' ? [] : stored.slice(Number(from ?? 0n), Number(from ?? 0n) + limit);
    const last = from === undefined || from === 'end' ? stored.length : Number(from) + 1;
    return stored.slice(Math.max(0, last - limit), last).reverse();
  }

  async readAll(options: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    this.mustBeOpen();
    const { after, prefixes, limit } = options;
    const events: StoredEvent[] = [];
    let next = after?.commit ?? 0n;
    for (let i = Number(next); i < this.all.length; i += 1) {
      const event = this.all[i] as StoredEvent;
      if (prefixes.some((prefix) => event.stream.startsWith(prefix))) {
        if (events.length === limit) return { events, next: position(next), end: false };
        events.push(event);
      }
      next = event.position.commit;
    }
    return { events, next: position(next), end: true };
  }

  subscribe(options: SubscribeOptions): Subscription {
    return { done: this.deliver(options) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const wake of this.followers) wake();
  }

  private push(stream: string, stored: StoredEvent[], event: NewEvent): void {
    const at = BigInt(this.all.length + 1);
    const made = { ...event, stream, revision: BigInt(stored.length), position: position(at), recordedAt: new Date(0) };
    stored.push(made);
    this.all.push(made);
    this.byId.set(event.id, made);
  }

  private async deliver({ after, prefixes, onEvent, onCheckpoint, onCaughtUp, signal }: SubscribeOptions): Promise<void> {
    let at = after === 'start' ? position(0n) : after;
    let wake: () => void = () => undefined;
    const follower = () => {
      wake();
    };
    this.followers.add(follower);
    signal.addEventListener('abort', follower);
    while (!signal.aborted && !this.isClosed) {
      const grown = new Promise<void>((resolve) => (wake = resolve));
      const page = await this.readAll({ after: at, prefixes, limit: 100 });
      for (const event of page.events) {
        if (isAborted(signal)) break;
        await onEvent(event);
      }
      at = page.next;
      await onCheckpoint?.(at);
      if (!page.end) continue;
      onCaughtUp?.();
      await grown;
    }
    this.followers.delete(follower);
  }

  private mustBeOpen(): void {
    if (this.isClosed) throw new StoreClosed('STORE_CLOSED', 'the store is closed');
  }
}

function position(at: bigint): { commit: bigint; prepare: bigint } {
  return { commit: at, prepare: at };
}

/** Asked anew each time: a callback may have aborted it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
