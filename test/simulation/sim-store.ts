import type { ExpectedRevision } from '../../src/domain/fact';
import {
  EventStore,
  InvalidEvent,
  OutcomeUnknown,
  StoreUnavailable,
  type AppendResult,
  type NewEvent,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../src/application/ports/event-store';
import { SWITCH_STREAM_PREFIX } from '../../src/domain/ids';
import type { SimProcess, World } from './world';

type Wake = () => void;

/** The shared log behind every replica of one history, and who is told when it grows. */
export class SimLog {
  /** Appends that were stored so far; tells whether anything happened without reading the log. */
  size = 0;
  private readonly followers = new Map<Wake, readonly string[]>();

  constructor(readonly inner: EventStore) {}

  follow(wake: Wake, prefixes: readonly string[]): () => void {
    this.followers.set(wake, prefixes);
    return () => this.followers.delete(wake);
  }

  grew(stream: string): void {
    // Checkpoints move no task, nor does what a forge says by itself.
    if (!/^(?:subscriber|webhook)-/.test(stream)) this.size += 1;
    for (const [wake, prefixes] of this.followers) if (prefixes.some((prefix) => stream.startsWith(prefix))) wake();
  }

  async everything(): Promise<StoredEvent[]> {
    const page = await this.inner.readAll({
      prefixes: ['task-', 'lane-', 'policy-', 'switches-', 'webhook-'],
      limit: 1_000_000,
    });
    return page.events;
  }
}

/** One process's connection to the shared log: slow, lossy, and in doubt about what it was told. */
export class SimStore extends EventStore {
  readonly info: StoreInfo = { kind: 'memory', durability: 'none' };

  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
    private readonly log: SimLog,
  ) {
    super();
  }

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendResult> {
    const types = events.map(({ type }) => type);
    if (this.world.faults.refusesForGood(stream, types)) {
      return Promise.reject(new InvalidEvent('STORE_INVALID_EVENT', 'the suite said half a character'));
    }
    if (this.world.faults.refusesBeginning(types))
      return Promise.reject(new InvalidEvent('STORE_INVALID_EVENT', 'a beginning that is not to be stored'));
    const write = async () => {
      const result = await this.log.inner.append(stream, expected, events);
      this.world.note(`append ${stream} @${expected}: ${types.join(' ')}`);
      this.log.grew(stream);
      if (types.includes('TransitionClaimed')) this.world.onClaim();
      return result;
    };
    const unknown = () => {
      this.process.unsure.add(stream);
      return new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', 'no answer');
    };
    const appended = this.world.request(this.process, 'append', write, unknown);
    return isOfSwitches(stream) ? this.knowing(appended, expected, events) : appended;
  }

  async mustTake(): Promise<void> {
    // Whatever the port lets through.
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    // Where nobody sets a switch, that costs no time: histories from before there were any stay as they are.
    if (isOfSwitches(stream) && !this.world.hasSwitches) return this.log.inner.readStream(stream, options);
    const events = await this.read(() => this.log.inner.readStream(stream, options)).catch((error: unknown) => {
      this.process.unheard.add(stream);
      throw error;
    });
    if (isOfSwitches(stream)) this.process.told.read(events);
    return events;
  }

  readAll(options: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    return this.read(() => this.log.inner.readAll(options));
  }

  /** Delivers in order, late, and sometimes a page twice: it is not known to have been taken. */
  subscribe({ after, prefixes, onPage, signal }: SubscribeOptions): Subscription {
    const { world, process } = this;
    let position = after;
    let isScheduled = false;
    const deliver = async () => {
      const from = position === 'start' ? {} : { after: position };
      const page = await this.log.inner.readAll({ ...from, prefixes, limit: 20 });
      isScheduled = false;
      for (const events of inPages(page.events, world.faults.largestPage)) {
        const next = events.at(-1)?.position ?? page.next;
        if (signal.aborted || !process.alive) return;
        process.told.take(events);
        await onPage(events, next);
        if (world.faults.happens(world.faults.duplicateRate)) await onPage(events, next);
        position = next;
      }
      if (page.events.length > 0) wake();
    };
    const wake = () => {
      if (isScheduled || signal.aborted) return;
      isScheduled = true;
      world.scheduler.schedule(process, world.faults.latencyMs(), () => void deliver());
    };
    const unfollow = this.log.follow(wake, prefixes);
    wake();
    const done = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        unfollow();
        resolve();
      });
    });
    return { done };
  }

  async close(): Promise<void> {
    // The log outlives its connections.
  }

  /** Who has set a switch, and has heard so, knows of it. */
  private async knowing(
    appended: Promise<AppendResult>,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    const result = await appended;
    const first = expected === 'no-stream' ? 0n : expected + 1n;
    this.process.told.read(events.map(({ type, data }, index) => ({ type, data, revision: first + BigInt(index) })));
    return result;
  }

  private async read<T>(work: () => Promise<T>): Promise<T> {
    return this.world.request(this.process, 'read', work, () => new StoreUnavailable('STORE_UNAVAILABLE', 'no answer'));
  }
}

function isOfSwitches(stream: string): boolean {
  return stream.startsWith(SWITCH_STREAM_PREFIX);
}

function* inPages(events: readonly StoredEvent[], size: number): Generator<readonly StoredEvent[]> {
  for (let from = 0; from < events.length; from += size) yield events.slice(from, from + size);
}
