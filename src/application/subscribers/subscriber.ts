import { instant, type Instant } from '../../domain/instant';
import type { Position, StoredEvent } from '../ports/event-store';
import { withoutSecrets } from '../secrets';
import { sleep } from '../sleep';
import type { BatchHandler } from './batch-handler';
import { Batches, type BatchesDeps } from './batches';
import { readDue, type Due, type Feed } from './feed';

/** Why a subscriber does not get on. */
export interface Trouble {
  readonly error: string;
  readonly since: Instant;
}

/** Events that come within this time share a batch, and so a checkpoint: nobody notices an alert that is as late as that. */
const GATHER_MS = 200;
const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 5_000;
/** How often who is about to end looks whether another process is through with a batch. */
const POLL_MS = 100;

/**
 * Hands a batch handler every event of the log that it wants: at least once, in order, by one process at a time, from where its
 * checkpoint is in the store. What cannot be handled is tried again until it can; nothing behind it is handed over before.
 */
export class Subscriber {
  private readonly batches: Batches;
  private beginning: Promise<void> | null = null;
  private working: Promise<void> | null = null;
  private isTold = false;
  private wake: () => void = () => undefined;
  /** Of the store: what a handler runs into is in the log. */
  private failing: Trouble | null = null;

  constructor(
    private readonly deps: BatchesDeps,
    readonly handler: BatchHandler,
  ) {
    this.batches = new Batches(deps, handler);
  }

  wants(event: Pick<StoredEvent, 'stream' | 'type' | 'data'>): boolean {
    return event.stream.startsWith(this.handler.prefix) && this.handler.wants(event);
  }

  /** Resolves when it is in the log where the subscriber begins: nothing that is appended from then on is missed. */
  begin(): Promise<void> {
    return (this.beginning ??= this.batches.begin().catch((error: unknown) => {
      this.beginning = null;
      throw error;
    }));
  }

  /** Where it stands; null before it has begun. @param isFresh whether the store is asked. */
  async standing(isFresh: boolean) {
    const { log } = this.batches;
    const { state } = isFresh ? await log.load() : await log.recall();
    const position = state.standing && (await log.positionOf(state.standing.after));
    return state.standing && position && { standing: state.standing, position };
  }

  get storeTrouble(): Trouble | null {
    return this.failing;
  }

  /** Takes an event of its own stream: what other processes have done. */
  observe(event: StoredEvent): void {
    this.batches.log.observe(event);
    this.wake();
  }

  /** Something may be due. @param stop ends the waiting, `end` what is being handled. */
  told(feed: Feed, stop: AbortSignal, end: AbortSignal): void {
    this.isTold = true;
    // It may be waiting for what was set aside, which what is new does not wait for.
    this.wake();
    this.working ??= this.follow(feed, stop, end).finally(() => {
      this.working = null;
      if (this.isTold && !stop.aborted) this.told(feed, stop, end);
    });
  }

  /**
   * Does what the log holds to be done, or sees another process do it; leaves what cannot be done now to the next process.
   *
   * @param end when it is given up.
   */
  async settle(end: AbortSignal): Promise<void> {
    await this.working;
    await this.untilAtRest((after) => this.read(after), { stop: end, end, isLast: true });
    if (!end.aborted) await this.giveBack();
  }

  private async giveBack(): Promise<void> {
    const { handler, deps } = this;
    try {
      await this.batches.giveBack();
    } catch (error) {
      const fields = { subscriber: handler.name, error: withoutSecrets(String(error)) };
      deps.logger.warn('a subscriber could not give its lease back; it ends by itself', fields);
    }
  }

  private async follow(feed: Feed, stop: AbortSignal, end: AbortSignal): Promise<void> {
    const read = (after: Position) => feed.after(after, (event) => this.wants(event)) ?? this.read(after);
    while (this.isTold && !stop.aborted) {
      await sleep(this.deps.clock, GATHER_MS, stop);
      this.isTold = false;
      await this.untilAtRest(read, { stop, end, isLast: false });
    }
  }

  private async untilAtRest(
    read: (after: Position) => Promise<Due> | Due,
    { stop, end, isLast }: { readonly stop: AbortSignal; readonly end: AbortSignal; readonly isLast: boolean },
  ): Promise<void> {
    let isFresh = isLast;
    for (let failures = 0; !stop.aborted;) {
      try {
        const next = await this.batches.step(read, end, { isFresh, isLast });
        this.succeeded();
        failures = 0;
        if (next.kind === 'at-rest' || (next.kind === 'wait' && next.isRetry && isLast)) return;
        isFresh = next.kind === 'wait';
        if (this.isTold && !isLast) {
          this.isTold = false;
          continue;
        }
        if (next.kind === 'wait') await this.pause(isLast ? Math.min(POLL_MS, next.ms) : next.ms, stop);
      } catch (error) {
        this.failed(error);
        isFresh = true;
        await sleep(this.deps.clock, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** failures), stop);
        failures += 1;
      }
    }
  }

  private read(after: Position): Promise<Due> {
    return readDue(this.deps.store, after, (event) => this.wants(event), this.handler.prefix);
  }

  private async pause(ms: number, stop: AbortSignal): Promise<void> {
    const nap = new AbortController();
    this.wake = () => {
      nap.abort();
    };
    await sleep(this.deps.clock, ms, AbortSignal.any([stop, nap.signal]));
    this.wake = () => undefined;
  }

  private succeeded(): void {
    if (this.failing) this.deps.logger.info('a subscriber follows the log again', { subscriber: this.handler.name });
    this.failing = null;
  }

  private failed(error: unknown): void {
    const { clock, logger } = this.deps;
    const fields = { subscriber: this.handler.name, error: withoutSecrets(String(error)) };
    if (!this.failing) logger.error('a subscriber does not follow the log; trying until it does', fields);
    this.failing = { error: fields.error, since: this.failing?.since ?? instant(clock.now()) };
  }
}
