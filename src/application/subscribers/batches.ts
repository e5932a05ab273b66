import type { EventPlace, SubscriberStanding } from '../../domain/subscriber/subscriber.events';
import { instant, type Instant } from '../../domain/instant';
import {
  begun,
  failed,
  HANDLE_MS,
  handled,
  holdsLease,
  returned,
  taken,
  waitMs,
  type Progress,
} from '../../domain/subscriber/standing';
import { failpoint } from '../failpoint';
import type { Folded } from '../stream-kind';
import type { Position, StoredEvent } from '../ports/event-store';
import type { Logger } from '../ports/logger';
import { withoutSecrets } from '../secrets';
import { LATE, within } from '../within';
import type { BatchHandler } from './batch-handler';
import { MANY, type Due } from './feed';
import {
  placeOf,
  SubscriberRepository,
  type KnownStanding,
  type SubscriberRepositoryDeps,
} from './subscriber-repository';

export interface BatchesDeps extends SubscriberRepositoryDeps {
  readonly logger: Logger;
  readonly isDead: (worker: string) => boolean;
  /** Where a subscriber begins that has no stream yet; null for where the log ends. */
  readonly origin: () => Promise<EventPlace | null>;
}

/** What there is to do: nothing, wait so long, or look again at once. */
export type Next =
  | { readonly kind: 'at-rest' }
  | { readonly kind: 'again' }
  | { readonly kind: 'wait'; readonly ms: number; readonly isRetry: boolean };

const AGAIN: Next = { kind: 'again' };
/** Large enough to hide what a checkpoint costs, small enough for the time that a handler has. */
const MOST_AT_ONCE = 50;

/** The batches of one subscriber: each is taken by a lease, handed over, and done with by a checkpoint. */
export class Batches {
  readonly log: SubscriberRepository;
  private seen: { readonly revision: Folded<unknown>['revision']; readonly at: number } = {
    revision: 'no-stream',
    at: 0,
  };
  private passed = 0;

  constructor(
    private readonly deps: BatchesDeps,
    private readonly handler: BatchHandler,
  ) {
    this.log = new SubscriberRepository(handler.name, deps);
  }

  /** Records where the subscriber begins, unless it has begun. */
  async begin(): Promise<void> {
    for (let known = await this.log.load(); !(await this.placeIn(known)); known = await this.log.load())
      await this.beginAt(known);
  }

  /**
   * One step: begins, waits, takes the lease, or hands over what is due.
   *
   * @param isFresh whether the stream is read: what is remembered may be older than what others have stored.
   * @param isLast whether the lease goes back as soon as nothing is due any more.
   */
  async step(
    read: (after: Position) => Promise<Due> | Due,
    signal: AbortSignal,
    { isFresh, isLast }: { readonly isFresh: boolean; readonly isLast: boolean },
  ): Promise<Next> {
    const known = isFresh ? await this.log.load() : await this.log.recall();
    const at = await this.placeIn(known);
    if (!at) return this.beginAt(known);
    const { standing, position } = at;
    const due = await read(position);
    const ms = this.waitMs(known, standing);
    if (due.events.length === 0) return ms > 0 ? { kind: 'at-rest' } : this.passOver(known, standing, due);
    if (ms > 0) return { kind: 'wait', ms, isRetry: standing.trouble !== null };
    const { worker } = this.deps;
    if (holdsLease(standing, worker, this.now())) return this.handOver(known, standing, due, signal, isLast);
    if (await this.log.append(known, { type: 'BatchTaken', data: taken(standing, worker, this.now()) }))
      await failpoint('subscriber.taken');
    return AGAIN;
  }

  async giveBack(): Promise<void> {
    const known = await this.log.recall();
    const { standing } = known.state;
    const after = standing && returned(standing, this.deps.worker);
    if (after) await this.log.append(known, { type: 'LeaseReturned', data: after });
  }

  private async beginAt(known: Folded<KnownStanding>): Promise<Next> {
    const { deps, log } = this;
    const origin = known.revision === 'no-stream' ? await deps.origin() : null;
    await log.append(known, { type: 'SubscriberBegan', data: begun(origin ?? log.nextPlace(known)) });
    return AGAIN;
  }

  /** @returns null for one that has not begun, or whose place the log does not hold: it then begins anew. */
  private async placeIn({ state: { standing } }: Folded<KnownStanding>) {
    const position = standing && (await this.log.positionOf(standing.after));
    return standing && position && { standing, position };
  }

  private async handOver(
    known: Folded<KnownStanding>,
    before: SubscriberStanding,
    due: Due,
    stop: AbortSignal,
    isLast: boolean,
  ): Promise<Next> {
    const { deps, log, handler } = this;
    const events = due.events.slice(0, MOST_AT_ONCE);
    const words: string[] = [];
    let last: StoredEvent | null = null;
    let isOver = false;
    const done = (event: StoredEvent, word?: string) => {
      // Others may be at what comes next already.
      if (isOver) throw new Error(`${handler.name}: expected to be done in time, was given up before`);
      last = event;
      if (word !== undefined) words.push(word);
    };
    const tries = before.trouble?.tries ?? 0;
    const error = await this.limited((signal) => handler.handle({ events, tries, signal, done }), stop);
    isOver = true;
    // Cut off by the end of the process: no failure of the handler, and done again by the next one.
    if (error !== null && stop.aborted) return { kind: 'at-rest' };
    await failpoint('subscriber.handled');
    const upTo = error === null ? (events.at(-1) ?? null) : (last as StoredEvent | null);
    if (upTo) log.notePlace(upTo);
    const progress = { after: upTo ? placeOf(upTo) : before.after, done: words };
    if (error !== null) return this.fail(known, before, progress, error);
    const goesOn = !isLast || events.length < due.events.length;
    const after = handled(progress, goesOn ? deps.worker : null, this.now());
    await log.append(known, { type: 'BatchHandled', data: after });
    if (before.trouble) deps.logger.info('a subscriber gets on again', { subscriber: handler.name });
    this.passed = due.count - (due.count % MANY);
    await failpoint('subscriber.done');
    return AGAIN;
  }

  private async fail(
    known: Folded<KnownStanding>,
    before: SubscriberStanding,
    progress: Progress,
    error: string,
  ): Promise<Next> {
    const { logger } = this.deps;
    const fields = { subscriber: this.handler.name, error };
    if (!before.trouble) logger.error('a subscriber does not get on; it is tried again until it does', fields);
    await this.log.append(known, { type: 'BatchFailed', data: failed(before, progress, error, this.now()) });
    return AGAIN;
  }

  private async passOver(known: Folded<KnownStanding>, standing: SubscriberStanding, due: Due): Promise<Next> {
    if (!due.last || due.count - this.passed < MANY) return { kind: 'at-rest' };
    this.passed = due.count - (due.count % MANY);
    this.log.notePlace(due.last);
    const after = { ...standing, after: placeOf(due.last), done: [] };
    await this.log.append(known, { type: 'BatchHandled', data: after });
    return { kind: 'at-rest' };
  }

  /** @returns what went wrong; null for nothing. */
  private async limited(work: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<string | null> {
    const limit = new AbortController();
    try {
      const ended = await within(this.deps.clock, HANDLE_MS, work(AbortSignal.any([limit.signal, stop])));
      return ended === LATE ? `expected an end within ${HANDLE_MS / 1000} s, saw none` : null;
    } catch (error) {
      return withoutSecrets(String(error));
    } finally {
      limit.abort();
    }
  }

  private waitMs({ revision }: Folded<KnownStanding>, standing: SubscriberStanding): number {
    const { clock, worker, isDead } = this.deps;
    const at = clock.monotonic();
    if (this.seen.revision !== revision) this.seen = { revision, at };
    return waitMs(standing, { worker, now: this.now(), isDead, sameForMs: at - this.seen.at });
  }

  private now(): Instant {
    return instant(this.deps.clock.now());
  }
}
