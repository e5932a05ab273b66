import type { EventPlace, SetAside, SubscriberStanding } from '../../domain/subscriber/subscriber.events';
import { instant, type Instant } from '../../domain/instant';
import { asideWaitMs, dueAside, hasRoom } from '../../domain/subscriber/aside';
import {
  begun,
  failed,
  HANDLE_MS,
  handled,
  holdsLease,
  passed,
  returned,
  taken,
  waitMs,
  type Asker,
  type Progress,
} from '../../domain/subscriber/standing';
import { failpoint } from '../failpoint';
import type { Folded } from '../stream-kind';
import type { Position, StoredEvent } from '../ports/event-store';
import type { Logger } from '../ports/logger';
import { withoutSecrets } from '../secrets';
import { LATE, within } from '../within';
import type { BatchHandler } from './batch-handler';
import { BatchProgress } from './batch-progress';
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

/** A batch that is to be handed over. */
interface Turn {
  readonly fresh: readonly StoredEvent[];
  readonly asker: Asker;
  /** Events that were looked at so far. */
  readonly count: number;
  /** Whether the lease is kept for the next one. */
  readonly goesOn: boolean;
}

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
    const asker = this.asker(known);
    const again = dueAside(standing, asker);
    // What may have to be set aside needs a place there.
    const fresh = hasRoom(standing) ? due.events.slice(0, MOST_AT_ONCE) : [];
    const ms = waitMs(standing, asker);
    if (fresh.length + again.length === 0) return this.atRest(known, standing, due, asker);
    if (ms > 0) return { kind: 'wait', ms, isRetry: standing.trouble !== null };
    const { worker } = this.deps;
    if (holdsLease(standing, worker, asker.now)) {
      const goesOn = !isLast || fresh.length < due.events.length;
      return this.handOver(known, standing, { fresh, asker, count: due.count, goesOn }, signal);
    }
    if (await this.log.append(known, { type: 'BatchTaken', data: taken(standing, worker, asker.now, again) }))
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
    { fresh, asker, count, goesOn }: Turn,
    stop: AbortSignal,
  ): Promise<Next> {
    const { deps, log, handler } = this;
    const at = new BatchProgress({ ...deps, name: handler.name }, before);
    const events = [...(await this.eventsAside(at, dueAside(before, asker))), ...fresh];
    const tries = before.trouble?.tries ?? 0;
    const { done, delivered, later, refused, rest, hasTime } = at;
    const reports = { done, delivered, later, refused, rest, hasTime };
    const error = await this.limited((signal) => handler.handle({ events, tries, signal, ...reports }), stop);
    at.end(events, error);
    // Cut off by the end of the process: no failure of the handler, and done again by the next one.
    if (error !== null && stop.aborted) return { kind: 'at-rest' };
    await failpoint('subscriber.handled');
    if (at.upTo) log.notePlace(at.upTo);
    const progress = at.progress();
    if (error !== null) return this.fail(known, before, progress, error);
    const after = handled(progress, goesOn && !at.hasFailed ? deps.worker : null, this.now());
    if (await log.append(known, { type: 'BatchHandled', data: after })) this.tell(at);
    if (before.trouble) deps.logger.info('a subscriber gets on again', { subscriber: handler.name });
    this.passed = count - (count % MANY);
    await failpoint('subscriber.done');
    return AGAIN;
  }

  /** What was set aside and is due, from the log. */
  private async eventsAside(at: BatchProgress, due: readonly SetAside[]): Promise<readonly StoredEvent[]> {
    const found: StoredEvent[] = [];
    for (const each of due.slice(0, MOST_AT_ONCE)) {
      const { stream, revision } = each.event;
      const [stored] = await this.deps.store.readStream(stream, { from: BigInt(revision), limit: 1 });
      if (stored) found.push(stored);
      else at.drop(each);
    }
    return found;
  }

  private tell({ failures, deaths }: BatchProgress): void {
    const { logger } = this.deps;
    const fieldsOf = ({ name, answer }: { readonly name: string; readonly answer: string }) => ({
      subscriber: this.handler.name,
      delivery: name,
      answer,
    });
    for (const each of failures)
      logger.warn('a delivery failed; it is tried again and holds up no other', fieldsOf(each));
    for (const each of deaths)
      logger.error('a delivery is a dead letter; it is not tried again by itself', fieldsOf(each));
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

  private async atRest(
    known: Folded<KnownStanding>,
    standing: SubscriberStanding,
    due: Due,
    asker: Asker,
  ): Promise<Next> {
    const ms = waitMs(standing, asker);
    if (ms === 0 && (await this.passOver(known, standing, due))) return AGAIN;
    const asideMs = asideWaitMs(standing, asker);
    return asideMs === null ? { kind: 'at-rest' } : { kind: 'wait', ms: Math.max(ms, asideMs), isRetry: true };
  }

  /** @returns whether it was worth a checkpoint. */
  private async passOver(known: Folded<KnownStanding>, standing: SubscriberStanding, due: Due): Promise<boolean> {
    // What is wanted and has no room is not passed over.
    if (!due.last || due.events.length > 0 || due.count - this.passed < MANY) return false;
    this.passed = due.count - (due.count % MANY);
    this.log.notePlace(due.last);
    await this.log.append(known, { type: 'BatchHandled', data: passed(standing, placeOf(due.last)) });
    return true;
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

  private asker({ revision }: Folded<KnownStanding>): Asker {
    const { clock, worker, isDead } = this.deps;
    const at = clock.monotonic();
    if (this.seen.revision !== revision) this.seen = { revision, at };
    return { worker, now: this.now(), isDead, sameForMs: at - this.seen.at };
  }

  private now(): Instant {
    return instant(this.deps.clock.now());
  }
}
