import { HOOK_STREAM_PREFIX, LANE_STREAM_PREFIX, SUBSCRIBER_STREAM_PREFIX, TASK_STREAM_PREFIX } from '../../domain/ids';
import { epochMs, type Instant } from '../../domain/instant';
import type { SetAside } from '../../domain/subscriber/subscriber.events';
import { comparePositions } from '../position';
import type { NewEvent, Position, StoredEvent } from '../ports/event-store';
import { sleep } from '../sleep';
import { LATE, within } from '../within';
import type { BatchHandler } from './batch-handler';
import type { BatchesDeps } from './batches';
import { Feed, readDue } from './feed';
import { Subscriber } from './subscriber';

/** One subscriber as people see it. */
export interface SubscriberView {
  readonly name: string;
  /** Events that it has still to do something about, at least: of many only the first are counted, or this would read the log. */
  readonly behind: number;
  /** Age of the oldest of them. */
  readonly lagMs: number;
  /** Why it does not get on; null while it does. */
  readonly error: string | null;
  readonly since: Instant | null;
}

export interface SubscribersDeps extends BatchesDeps {
  /** All of them have begun. */
  readonly onBegun?: () => Promise<void>;
}

/** How long a process that is to end goes on with what is due. */
const SETTLE_MS = 3_000;
const START_AGAIN_MS = 1_000;

/** The subscribers of this process. */
export class Subscribers {
  private readonly all: readonly Subscriber[];
  private readonly stopping = new AbortController();
  private readonly ending = new AbortController();
  /** Those that have something to do before this process ends. */
  private readonly due = new Set<Subscriber>();
  private feed: Feed | null = null;
  private following: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | null = null;

  constructor(
    private readonly deps: SubscribersDeps,
    handlers: readonly BatchHandler[],
  ) {
    this.all = handlers.map((handler) => new Subscriber(deps, handler));
  }

  get names(): readonly string[] {
    return this.all.map(({ handler }) => handler.name);
  }

  /** Before events are appended that somebody wants: it has to be in the log where he begins, or he would begin behind them. */
  async beforeAppend(stream: string, events: readonly NewEvent[]): Promise<void> {
    for (const subscriber of this.wanting(stream, events)) await subscriber.begin();
  }

  onAppended(stream: string, events: readonly NewEvent[]): void {
    for (const subscriber of this.wanting(stream, events)) this.due.add(subscriber);
  }

  /** Follows the log from now on, beside whatever else the process does, until `stop`. */
  start(): void {
    for (const subscriber of this.all) this.due.add(subscriber);
    this.following = this.startUntilUp();
  }

  /** What is due is done, as far as that takes `SETTLE_MS` at most; the rest is for the next process. */
  stop(): Promise<void> {
    return (this.stopped ??= this.settle());
  }

  /** Those that have begun. */
  async views(): Promise<readonly SubscriberView[]> {
    const views = await Promise.all(this.all.map((subscriber) => this.view(subscriber)));
    return views.filter((view) => view !== null);
  }

  private async settle(): Promise<void> {
    this.stopping.abort();
    const settled = Promise.all([...this.due].map((subscriber) => subscriber.settle(this.ending.signal)));
    const ended = await within(
      this.deps.clock,
      SETTLE_MS,
      settled.then(() => this.following),
    );
    if (ended === LATE) this.deps.logger.warn('subscribers have something left to do, which the next process does');
    this.ending.abort();
  }

  private async view(subscriber: Subscriber): Promise<SubscriberView | null> {
    const { clock, store } = this.deps;
    const { feed } = this;
    const known = await subscriber.standing(feed === null);
    if (!known) return null;
    const { standing, position } = known;
    const wants = (event: StoredEvent) => subscriber.wants(event);
    const { events } =
      feed?.after(position, wants) ?? (await readDue(store, position, wants, subscriber.handler.prefix));
    const { aside = [] } = standing;
    const retried = oldestOf(aside);
    const { error = null, since = null } = subscriber.storeTrouble ?? standing.trouble ?? retried ?? {};
    const oldestMs = Math.min(
      ...events.slice(0, 1).map(({ recordedAt }) => recordedAt.getTime()),
      ...aside.map((each) => epochMs(each.since)),
    );
    const behind = events.length + aside.length;
    const lagMs = behind > 0 ? Math.max(0, clock.now() - oldestMs) : 0;
    return { name: subscriber.handler.name, behind, lagMs, error, since };
  }

  private wanting(stream: string, events: readonly NewEvent[]): readonly Subscriber[] {
    return this.all.filter((subscriber) => events.some(({ type, data }) => subscriber.wants({ stream, type, data })));
  }

  private async startUntilUp(): Promise<void> {
    const { clock, logger } = this.deps;
    for (let failures = 0; !this.stopping.signal.aborted; failures += 1) {
      try {
        await this.follow();
        return;
      } catch (error) {
        if (failures === 0) logger.warn('subscribers could not start; trying until they do', { error: String(error) });
        await sleep(clock, START_AGAIN_MS, this.stopping.signal);
      }
    }
  }

  /** Resolves when the process is told to stop. */
  private async follow(): Promise<void> {
    const places: Position[] = [];
    for (const subscriber of this.all) {
      await subscriber.begin();
      const known = await subscriber.standing(false);
      if (known) places.push(known.position);
    }
    await this.deps.onBegun?.();
    const [first] = places.sort(comparePositions);
    if (!first) return;
    const feed = new Feed(first, (event) => this.all.some((subscriber) => subscriber.wants(event)));
    this.feed = feed;
    // What was set aside stands before the place where the subscription begins.
    for (const subscriber of this.all) subscriber.told(feed, this.stopping.signal, this.ending.signal);
    const subscription = this.deps.store.subscribe({
      after: first,
      prefixes: [TASK_STREAM_PREFIX, LANE_STREAM_PREFIX, HOOK_STREAM_PREFIX, SUBSCRIBER_STREAM_PREFIX],
      onPage: (events) => {
        for (const event of events) this.take(feed, event);
      },
      signal: this.stopping.signal,
    });
    await subscription.done;
  }

  private take(feed: Feed, event: StoredEvent): void {
    const own =
      event.stream.startsWith(SUBSCRIBER_STREAM_PREFIX) && event.stream.slice(SUBSCRIBER_STREAM_PREFIX.length);
    const owner = own === false ? undefined : this.all.find(({ handler }) => handler.name === own);
    owner?.observe(event);
    // Somebody else may have set aside what is now anybody's, or a person asks for what was given up.
    if (owner && Array.isArray(event.data['aside'])) owner.told(feed, this.stopping.signal, this.ending.signal);
    const isMany = feed.add(event);
    for (const subscriber of this.all)
      if (isMany || subscriber.wants(event)) subscriber.told(feed, this.stopping.signal, this.ending.signal);
  }
}

/** Why it is tried again, as one trouble: since when, and what came of it last. */
function oldestOf(aside: readonly SetAside[]): { readonly error: string; readonly since: Instant } | null {
  const [oldest] = [...aside].sort((one, other) => epochMs(one.since) - epochMs(other.since));
  return oldest ? { error: oldest.answer, since: oldest.since } : null;
}
