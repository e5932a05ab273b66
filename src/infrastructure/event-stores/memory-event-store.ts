import type { ExpectedRevision } from '../../domain/fact';
import type { JsonObject } from '../../domain/json';
import {
  EventIdReused,
  EventStore,
  RevisionConflict,
  StoreClosed,
  type AppendOptions,
  type AppendResult,
  type NewEvent,
  type Position,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../application/ports/event-store';
import { follow, StoreGrowth } from './follow';
import { validateAppend, type EncodedEvent } from './validate-append';

/** Positions are this far apart, so that nobody comes to rely on 1, 2, 3. */
const STEP = 100n;
const START: Position = { commit: 0n, prepare: 0n };

/** The log in memory: for tests and for trying things out. */
export class MemoryEventStore extends EventStore {
  readonly info: StoreInfo = { kind: 'memory', durability: 'none' };
  private readonly all: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly ids = new Set<string>();
  private readonly growth = new StoreGrowth();
  private readonly closing = new AbortController();
  private readonly following = new Set<Promise<void>>();

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult> {
    this.mustBeOpen();
    const encoded = validateAppend(stream, expected, events, options).events;
    const stored = this.streams.get(stream) ?? [];
    const actual: ExpectedRevision = stored.length === 0 ? 'no-stream' : BigInt(stored.length - 1);
    const first = expected === 'no-stream' ? 0 : Number(expected) + 1;
    if (actual !== expected) {
      const isSame = events.every(({ id }, index) => stored[first + index]?.id === id);
      if (!isSame) throw new RevisionConflict(stream, expected, actual);
      const last = stored[first + events.length - 1];
      return { revision: BigInt(first + events.length - 1), duplicate: true, ...(last && { position: last.position }) };
    }
    const reused = events.find(({ id }) => this.ids.has(id));
    if (reused) throw new EventIdReused('STORE_EVENT_ID_REUSED', `event id ${reused.id} is in use elsewhere`);
    for (const event of encoded) this.push(stream, stored, event);
    this.streams.set(stream, stored);
    this.growth.grew();
    const position = this.all.at(-1)?.position ?? START;
    return { revision: BigInt(stored.length - 1), position, duplicate: false };
  }

  async mustTake(): Promise<void> {
    // Whatever the port lets through.
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    this.mustBeOpen();
    const { from, direction = 'forwards', limit } = options;
    const stored = this.streams.get(stream) ?? [];
    if (direction === 'forwards') {
      const first = from === 'end' ? stored.length - 1 : Number(from ?? 0n);
      return stored.slice(first, first + limit);
    }
    const after = from === undefined || from === 'end' ? stored.length : Math.min(stored.length, Number(from) + 1);
    return stored.slice(Math.max(0, after - limit), after).reverse();
  }

  async readAll({ after, prefixes, limit }: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    this.mustBeOpen();
    const events: StoredEvent[] = [];
    let next = after ?? START;
    for (const event of this.all.slice(Number(next.commit / STEP))) {
      if (events.length === limit) return { events, next, end: false };
      if (prefixes.some((prefix) => event.stream.startsWith(prefix))) events.push(event);
      next = event.position;
    }
    return { events, next, end: true };
  }

  subscribe(options: SubscribeOptions): Subscription {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    const done = follow((place) => this.readAll(place), this.growth, { ...options, signal }, START);
    this.following.add(done);
    return { done: done.finally(() => this.following.delete(done)) };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.following);
  }

  private push(
    stream: string,
    stored: StoredEvent[],
    { id, type, data: dataText, meta: metaText }: EncodedEvent,
  ): void {
    const commit = BigInt(this.all.length + 1) * STEP;
    const position = { commit, prepare: commit };
    // From text, as on every other store, and frozen: nobody may change the log through an object they hold.
    const [data, meta] = [parsed(dataText), parsed(metaText)];
    const recordedAt = new Date();
    const made = Object.freeze({ id, type, data, meta, stream, revision: BigInt(stored.length), position, recordedAt });
    stored.push(made);
    this.all.push(made);
    this.ids.add(id);
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new StoreClosed('STORE_CLOSED', 'the store is closed');
  }
}

function parsed(text: string): JsonObject {
  return deepFreeze(JSON.parse(text) as JsonObject);
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value) as unknown[]) {
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
