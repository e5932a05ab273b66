import { epochMs, instant, plusMs, type Instant } from '../instant';
import { storableText } from '../storable';
import type { Ended, EventPlace, SetAside, SubscriberStanding } from './subscriber.events';

/** How long a lease lasts without a checkpoint. */
export const LEASE_MS = 60_000;
/** How long a handler has for one batch. Less than a lease by what a slow store takes to store what came of it. */
export const HANDLE_MS = 30_000;
const RETRY_FIRST_MS = 500;
/** No pause is much longer than what was in the way had lasted by then. */
export const RETRY_MOST_MS = 5 * 60_000;
const ERROR_CHARS = 500;
const NOTHING: readonly never[] = [];

export interface Asker {
  readonly worker: string;
  readonly now: Instant;
  readonly isDead: (worker: string) => boolean;
  /** How long the standing has been as it is, by a clock that nobody sets: no wait is longer than it ever was to be. */
  readonly sameForMs: number;
}

export function begun(after: EventPlace): SubscriberStanding {
  return { after, lease: null, trouble: null, done: [] };
}

/** @returns milliseconds before which this worker may not hand over the next batch; 0 when it may now. */
export function waitMs({ lease, trouble }: SubscriberStanding, asker: Asker): number {
  const isOthers = lease !== null && lease.worker !== asker.worker && !asker.isDead(lease.worker);
  const leaseMs = isOthers ? leftMs(lease.until, LEASE_MS, asker) : 0;
  // What is tried again is under a lease as well.
  return Math.max(leaseMs, trouble ? leftMs(trouble.retryAt, RETRY_MOST_MS, asker) : 0);
}

/** @param mostMs what it was at most when it was said. */
export function leftMs(until: Instant, mostMs: number, { now, sameForMs }: Asker): number {
  return Math.max(0, Math.min(epochMs(until) - epochMs(now), mostMs - sameForMs));
}

/** Whether the lease lasts as long as a batch may take. */
export function holdsLease({ lease }: SubscriberStanding, worker: string, now: Instant): boolean {
  return lease?.worker === worker && epochMs(lease.until) - epochMs(now) > HANDLE_MS;
}

/** @param due what is aside and due by any clock. */
export function taken(
  before: SubscriberStanding,
  worker: string,
  now: Instant,
  due: readonly SetAside[] = NOTHING,
): SubscriberStanding {
  // Whoever takes it has waited: where the clock was set back since, the pause would begin anew by that.
  const trouble = before.trouble && { ...before.trouble, retryAt: earlier(before.trouble.retryAt, now) };
  const { aside, ...rest } = carried(before);
  const dueNow = aside?.map((each) => (due.includes(each) ? { ...each, dueAt: earlier(each.dueAt, now) } : each));
  return { ...rest, trouble, lease: leaseOf(worker, now), ...(dueNow && { aside: dueNow }) };
}

/** What came of a batch: how far it is done, and what its handler says of it. */
export interface Progress {
  readonly after: EventPlace;
  readonly done: readonly string[];
  /** All that is aside now. */
  readonly aside?: readonly SetAside[];
  readonly ended?: readonly Ended[];
}

/** @param worker who goes on with the next batch; null when the lease is given back with it. */
export function handled(progress: Progress, worker: string | null, now: Instant): SubscriberStanding {
  return { ...said(progress), lease: worker === null ? null : leaseOf(worker, now), trouble: null };
}

/** What nobody has wanted is done with. */
export function passed(before: SubscriberStanding, after: EventPlace): SubscriberStanding {
  return { ...carried(before), after };
}

/** The lease goes back: another process may be able to do what this one is not. */
export function failed(
  before: SubscriberStanding,
  progress: Progress,
  error: string,
  now: Instant,
): SubscriberStanding {
  const { after } = progress;
  // What has got on a bit is not the same trouble as before.
  const same = isSamePlace(before.after, after) ? before.trouble : null;
  const tries = (same?.tries ?? 0) + 1;
  const delayMs = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(tries - 1, 20));
  const trouble = {
    error: storableText(error, ERROR_CHARS),
    since: same?.since ?? now,
    tries,
    retryAt: instant(epochMs(now) + delayMs),
  };
  return { ...said(progress), lease: null, trouble };
}

/** @returns null when there is nothing to give back. */
export function returned(before: SubscriberStanding, worker: string): SubscriberStanding | null {
  return before.lease?.worker === worker ? { ...carried(before), lease: null } : null;
}

export function isSamePlace(one: EventPlace, other: EventPlace): boolean {
  return one.stream === other.stream && one.revision === other.revision;
}

/** What the next event says of it again: all but what was done since. */
export function carried({ after, lease, trouble, aside = NOTHING }: SubscriberStanding): SubscriberStanding {
  return { after, lease, trouble, done: [], ...(aside.length > 0 && { aside }) };
}

function said({ after, done, aside = NOTHING, ended = NOTHING }: Progress) {
  return {
    after,
    done: done.map(word),
    ...(aside.length > 0 && { aside }),
    ...(ended.length > 0 && { ended }),
  };
}

function earlier(one: Instant, other: Instant): Instant {
  return epochMs(one) < epochMs(other) ? one : other;
}

function leaseOf(worker: string, now: Instant) {
  return { worker, until: plusMs(now, LEASE_MS) };
}

function word(text: string): string {
  return storableText(text, ERROR_CHARS);
}
