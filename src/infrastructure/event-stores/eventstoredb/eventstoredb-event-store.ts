import type { ExpectedRevision } from '../../../domain/fact';
import {
  EventStore,
  StoreClosed,
  type AppendResult,
  type NewEvent,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../../application/ports/event-store';
import type { AppendLimits } from '../commit-queue';
import type { Reachability } from '../reachability';
import { validateAppend, type ValidAppend } from '../validate-append';
import { Connection } from './connection';
import { appendError, busy, isNotLeader, readError } from './eventstoredb-errors';
import { followLog } from './follow-log';
import { readAllBy, readStreamBy } from './log-reader';
import { START } from './places';
import { answered } from './answered';

const APPEND_WITHIN_MS = 5_000;
const READ_WITHIN_MS = 10_000;

/** For tests, which do not wait that long. */
export interface Patience {
  readonly appendMs?: number;
  readonly readMs?: number;
}

/**
 * The log on a server of the EventStoreDB kind. One connection only appends, another one only reads, so that giving up an
 * append disturbs no reader. Nothing is connected before it is needed, and a break is mended by the next call.
 *
 * Differs from the other stores: it cannot tell that an append was known already, and does not notice an id that stands
 * elsewhere in the log.
 */
export class EventStoreDbEventStore extends EventStore {
  readonly info: StoreInfo = { kind: 'eventstoredb', durability: 'server' };
  private readonly appends: Connection;
  private readonly reads: Connection;
  private readonly closing = new AbortController();
  private readonly busyWith = new Set<Promise<unknown>>();
  private readonly appendMs: number;
  private readonly readMs: number;

  constructor(
    private readonly url: string,
    private readonly reachability: Reachability,
    { appendMs = APPEND_WITHIN_MS, readMs = READ_WITHIN_MS }: Patience = {},
  ) {
    super();
    this.appendMs = appendMs;
    this.readMs = readMs;
    this.appends = new Connection(url);
    this.reads = new Connection(url);
  }

  /**
   * Whether the server is there and lets us read. Nothing of it goes to the log: whoever waits for the server says so.
   *
   * @throws StoreUnavailable
   */
  async verify(): Promise<void> {
    try {
      await this.reads.use((client) => client.readEnd(this.readMs));
    } catch (error) {
      throw readError(error, null, this.url);
    }
  }

  /** Those of ours among the newest `count` events of the server. @throws StoreUnavailable, StoreCorrupt */
  async readNewest(count: number): Promise<readonly StoredEvent[]> {
    this.mustBeOpen();
    return this.guarded(
      () => this.reads.use((client) => client.readNewest(count, this.readMs)),
      (error) => readError(error, null, this.url),
    );
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    limits: AppendLimits = {},
  ): Promise<AppendResult> {
    this.mustBeOpen();
    const append = validateAppend(stream, expected, events);
    if (limits.signal?.aborted) throw busy(this.url);
    return this.guarded(
      () => this.send(append, limits),
      (error) => appendError(error, stream, expected, this.url),
    );
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    const { from, direction = 'forwards', limit } = options;
    this.mustBeOpen();
    const isLastOnly = direction === 'forwards' && from === 'end';
    const isBackwards = direction === 'backwards' || isLastOnly;
    const start = from ?? (isBackwards ? 'end' : 'start');
    return this.guarded(
      () =>
        this.reads.use((client) =>
          readStreamBy(client, stream, start, isBackwards, isLastOnly ? 1 : limit, this.readMs),
        ),
      (error) => readError(error, stream, this.url),
    );
  }

  async readAll({ after = START, prefixes, limit }: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    this.mustBeOpen();
    return this.guarded(
      () => this.reads.use((client) => readAllBy(client, after, prefixes, limit, this.readMs)),
      (error) => readError(error, null, this.url),
    );
  }

  subscribe(options: SubscribeOptions): Subscription {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    const done = followLog(this.reads, { ...options, signal }, this.readMs, (error) => {
      if (!signal.aborted) this.reachability.failed(readError(error, null, this.url));
    });
    this.busyWith.add(done);
    return { done: done.finally(() => this.busyWith.delete(done)) };
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await Promise.allSettled([...this.busyWith]);
    await Promise.all([this.appends.close(), this.reads.close()]);
  }

  private send(append: ValidAppend, { timeoutMs = this.appendMs, signal }: AppendLimits) {
    const startedAt = performance.now();
    const once = () =>
      this.appends.use((client) => {
        const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAt));
        return answered(client.append(append, leftMs), leftMs, signal);
      });
    return once().catch(async (error: unknown) => {
      if (!isNotLeader(error)) throw error;
      // The client turns to the leader, a moment after it said so.
      await new Promise((resolve) => setImmediate(resolve));
      return once();
    });
  }

  private async guarded<T>(work: () => Promise<T>, told: (error: unknown) => unknown): Promise<T> {
    const working = work();
    this.busyWith.add(working);
    try {
      const result = await working;
      this.reachability.answered();
      return result;
    } catch (error) {
      const failure = told(error);
      if (!this.closing.signal.aborted) this.reachability.failed(failure);
      throw failure;
    } finally {
      this.busyWith.delete(working);
    }
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new StoreClosed('STORE_CLOSED', 'the store is closed');
  }
}
