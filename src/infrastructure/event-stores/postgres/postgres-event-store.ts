import { setTimeout as delay } from 'node:timers/promises';
import type { ExpectedRevision } from '../../../domain/fact';
import {
  EventStore,
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
} from '../../../application/ports/event-store';
import { Sessions } from '../../postgres/sessions';
import { answer, type AppendDecision } from '../append-decision';
import { CommitQueue } from '../commit-queue';
import { follow, StoreGrowth, type ReadOn } from '../follow';
import type { Reachability } from '../reachability';
import { RecentEvents } from '../recent-events';
import { rangeOf } from '../stream-range';
import { validateAppend } from '../validate-append';
import { checkServer, type ServerFacts } from './check-server';
import { Hints } from './hints';
import { PostgresBatches } from './postgres-batches';
import { storeError } from './postgres-errors';
import { PostgresRows } from './postgres-rows';
import { WakeUp } from './wake-up';

/** How often a replica looks for what it was not told of. */
const POLL_MS = 5_000;
const READERS = 4;
/** A little more than an append waits for its own answer. */
const APPEND_WITHIN_MS = 6_000;
/** Positions looked through per statement of a filtered read; several make one answer. */
const STRETCH = 5_000n;
const START: Position = { commit: 0n, prepare: 0n };

/**
 * The log that replicas share. Nothing is connected before it is needed, and a break is mended by the next call: whoever
 * opens it before the server is there can wait with `verify`.
 */
export class PostgresEventStore extends EventStore {
  private durability: StoreInfo['durability'] = 'power-loss';
  private readonly appends: Sessions;
  private readonly reads: Sessions;
  private readonly rows: PostgresRows;
  private readonly batches: PostgresBatches;
  private readonly commits: CommitQueue;
  private readonly recent = new RecentEvents();
  private readonly growth = new StoreGrowth();
  private readonly closing = new AbortController();
  private readonly following = new Set<Promise<void>>();
  private wakeUp: WakeUp | null = null;
  private poll: NodeJS.Timeout | null = null;
  /** As the log itself has told it. */
  private seenHead = 0n;
  private readonly hints = new Hints({
    seen: () => this.seenHead,
    look: () => this.lookForOthers(),
    isAnswerComing: () => this.commits.isWorking,
    pause: (delayMs) => delay(delayMs, undefined, { signal: this.closing.signal, ref: false }).catch(() => undefined),
  });

  constructor(
    private readonly url: string,
    private readonly reachability: Reachability,
  ) {
    super();
    this.appends = new Sessions({ url, max: 1, name: 'stagegate append', answerWithinMs: APPEND_WITHIN_MS });
    this.reads = new Sessions({ url, max: READERS, name: 'stagegate read' });
    this.rows = new PostgresRows(this.reads);
    this.batches = new PostgresBatches(this.appends, url);
    this.commits = new CommitQueue(this.batches, (batch, decisions) => {
      this.recent.keep(batch, decisions);
      this.grewHereTo(newestOf(decisions));
    });
  }

  get info(): StoreInfo {
    return { kind: 'postgres', durability: this.durability };
  }

  /**
   * Looks at server and schema. Nothing of it goes to the log: whoever waits for the server says so.
   *
   * @throws StoreUnavailable, StoreCorrupt: nothing can be read or appended yet.
   */
  async verify(): Promise<ServerFacts> {
    try {
      const facts = await checkServer(this.reads, this.url);
      this.durability = facts.durability;
      return facts;
    } catch (error) {
      throw storeError(error, this.url);
    }
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult> {
    this.mustBeOpen();
    const append = validateAppend(stream, expected, events, options);
    return answer(append, await this.guarded(() => this.commits.append(append, options)));
  }

  async mustTake(): Promise<void> {
    // Whatever the port lets through.
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    this.mustBeOpen();
    return this.guarded(() => this.rows.readStream(stream, rangeOf(options)));
  }

  async readAll({ after, prefixes, limit }: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    const wanted = prefixes.includes('') ? null : prefixes;
    const events: StoredEvent[] = [];
    let next = (after ?? START).commit;
    for (;;) {
      this.mustBeOpen();
      const to = next + STRETCH;
      const stretch = await this.guarded(() => this.rows.readStretch(next, to, wanted, limit - events.length));
      events.push(...stretch.events);
      const isFull = events.length === limit;
      const reached = isFull ? stretch.events.at(-1)?.position.commit : lesser(to, stretch.head);
      next = reached !== undefined && reached > next ? reached : next;
      const isEnd = next >= stretch.head;
      if (isFull || isEnd) return { events, next: { commit: next, prepare: next }, end: isEnd };
    }
  }

  subscribe(options: SubscribeOptions): Subscription {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    this.wakeUp ??= new WakeUp(this.url, (payload) => {
      if (payload === null) this.mayHaveGrown();
      else this.hints.heard(payload);
    });
    this.poll ??= setInterval(() => {
      void this.lookForOthers();
    }, POLL_MS).unref();
    const readOn: ReadOn = async (place) => this.recent.pageAfter(place) ?? this.readAll(place);
    const done = follow(readOn, this.growth, { ...options, signal }, START);
    this.following.add(done);
    return { done: done.finally(() => this.following.delete(done)) };
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    if (this.poll) clearInterval(this.poll);
    await Promise.all([...this.following, this.commits.idle(), this.wakeUp?.stop()]);
    this.batches.drop();
    await Promise.all([this.appends.end(), this.reads.end()]);
  }

  private othersGrewTo(head: bigint): void {
    if (head <= this.seenHead) return;
    this.seenHead = head;
    this.mayHaveGrown();
  }

  private mayHaveGrown(): void {
    this.recent.forget();
    this.growth.grew();
  }

  private grewHereTo(head: bigint): void {
    if (head <= this.seenHead) return;
    this.seenHead = head;
    this.growth.grewHere();
  }

  private async lookForOthers(): Promise<void> {
    try {
      this.othersGrewTo(await this.guarded(() => this.rows.head()));
    } catch {
      // Has been said; the next look is soon.
    }
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.reachability.answered();
      return result;
    } catch (error) {
      const told = storeError(error, this.url);
      if (!this.closing.signal.aborted) this.reachability.failed(told);
      throw told;
    }
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new StoreClosed('STORE_CLOSED', 'the store is closed');
  }
}

function newestOf(decisions: readonly AppendDecision[]): bigint {
  return decisions.reduce(
    (newest, decision) => ('position' in decision && decision.position > newest ? decision.position : newest),
    0n,
  );
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
