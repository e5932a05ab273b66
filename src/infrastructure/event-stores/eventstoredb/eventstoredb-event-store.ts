import type { ExpectedRevision } from '../../../domain/fact';
import {
  EventStore,
  EventTooLarge,
  StoreClosed,
  StoreUnavailable,
  type AppendOptions,
  type AppendResult,
  type NewEvent,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../../application/ports/event-store';
import type { Reachability } from '../reachability';
import { MAX_APPEND_BYTES, MAX_IMPORT_BYTES, validateAppend } from '../validate-append';
import { PROBE, type Client } from './calls/client';
import { Connection } from './server/connection';
import { Appends } from './appends';
import { authorityOf } from './server/authority';
import { askAgain } from './calls/ask-again';
import { lookAtServer } from './server/look-at-server';
import { appendError, away, busy, readError } from './calls/eventstoredb-errors';
import { followLog } from './follow-log';
import { readAllBy, readStreamBy } from './log-reader';
import { START } from './places';

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
  private readonly appending: Connection;
  private readonly appends: Appends;
  private readonly reads: Connection;
  private readonly closing = new AbortController();
  private readonly busyWith = new Set<Promise<unknown>>();
  private readonly readMs: number;

  /** @throws StoreUnavailable STORE_CA_FILE: a file that is not there is no server that may come later */
  constructor(
    private readonly url: string,
    private readonly reachability: Reachability,
    { appendMs = APPEND_WITHIN_MS, readMs = READ_WITHIN_MS }: Patience = {},
  ) {
    super();
    authorityOf(url);
    this.readMs = readMs;
    this.appending = new Connection(url);
    this.reads = new Connection(url);
    this.appends = new Appends(this.appending, this.reads, appendMs);
  }

  /**
   * Whether the server is there and lets us read. Nothing of it goes to the log: whoever waits for the server says so.
   *
   * @throws StoreUnavailable
   */
  async verify(): Promise<void> {
    try {
      await this.read((client) => client.readEnd(this.readMs));
    } catch (error) {
      const told = readError(error, null, this.url);
      const isAway = told instanceof StoreUnavailable && told.code === 'STORE_UNAVAILABLE';
      const words = isAway ? await lookAtServer(this.url) : null;
      throw words === null ? told : away(error, this.url, words);
    }
  }

  /** Whether it lets us append, and whatever a service may. Stores nothing. @throws StoreUnavailable */
  async mayAppend(): Promise<void> {
    try {
      await this.appends.mustTake(MAX_APPEND_BYTES);
    } catch (error) {
      const told = appendError(error, { ...PROBE, bytes: MAX_APPEND_BYTES }, this.url);
      if (!(told instanceof EventTooLarge)) throw told;
      throw new StoreUnavailable('STORE_UNSUITABLE', told.message, { cause: error });
    }
  }

  /** @returns what the server takes in one append; null when that is enough for every import. @throws as `append` does */
  async appendLimit(): Promise<number | null> {
    this.mustBeOpen();
    return this.guarded(
      () => this.appends.limit(),
      (error) => appendError(error, { ...PROBE, bytes: MAX_IMPORT_BYTES }, this.url),
    );
  }

  async mustTake(events: readonly NewEvent[]): Promise<void> {
    this.mustBeOpen();
    const { bytes } = validateAppend(PROBE.stream, 'no-stream', events, { isImport: true });
    await this.guarded(
      () => this.appends.mustTake(bytes),
      (error) => appendError(error, { ...PROBE, bytes }, this.url),
    );
  }

  /** Those of ours among the newest `count` events of the server. @throws StoreUnavailable, StoreCorrupt */
  async readNewest(count: number): Promise<readonly StoredEvent[]> {
    this.mustBeOpen();
    return this.guarded(
      () => this.read((client) => client.readNewest(count, this.readMs)),
      (error) => readError(error, null, this.url),
    );
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    this.mustBeOpen();
    const append = validateAppend(stream, expected, events, options);
    if (options.signal?.aborted) throw busy(this.url);
    return this.guarded(
      () => this.appends.send(append, options),
      (error) => appendError(error, append, this.url),
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
        this.read((client) => readStreamBy(client, stream, start, isBackwards, isLastOnly ? 1 : limit, this.readMs)),
      (error) => readError(error, stream, this.url),
    );
  }

  async readAll({ after = START, prefixes, limit }: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    this.mustBeOpen();
    return this.guarded(
      () => this.read((client) => readAllBy(client, after, prefixes, limit, this.readMs)),
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
    await Promise.all([this.appending.close(), this.reads.close()]);
  }

  private read<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return askAgain(this.reads, work, { withinMs: this.readMs, signal: this.closing.signal });
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
