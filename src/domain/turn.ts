import type { TaskId } from './ids';
import { epochMs, type Instant } from './instant';

/** How long a task must wait to weigh as much as one of the next higher priority. */
export const AGEING_STEP_MS = 10 * 60_000;

/** A task that waits for something of which there is not enough: its project's lane, or a slot for a kind of job. */
export interface Waiter {
  readonly taskId: TaskId;
  readonly priority: number;
  /** Since when it could have used it. */
  readonly since: Instant;
  /** Its change is on main, and what comes behind the landing is still to be done. */
  readonly hasLanded: boolean;
}

/**
 * Whose turn it is: who has landed, as its deploy is needless once another task lands on top of it; then the highest priority,
 * where every `AGEING_STEP_MS` of waiting counts as one; then the longest wait. So among those who have still to land a task of
 * priority p is passed over only by those who came less than 9 - p steps after it, whatever arrives.
 */
export function nextInLine(waiters: readonly Waiter[], now: Instant): Waiter | null {
  const weighed = waiters.map(weigher(now));
  const first = weighed.reduce<Weighed | null>((best, one) => (best && inOrder(best, one) < 0 ? best : one), null);
  return first?.waiter ?? null;
}

/** How many waiters have their turn before this one. */
export function aheadOf(waiter: Waiter, waiters: readonly Waiter[], now: Instant): number {
  const weigh = weigher(now);
  const own = weigh(waiter);
  return waiters.filter((other) => other.taskId !== waiter.taskId && inOrder(weigh(other), own) < 0).length;
}

/** All of them, the next one first. */
export function inTurn(waiters: readonly Waiter[], now: Instant): readonly Waiter[] {
  return waiters
    .map(weigher(now))
    .sort(inOrder)
    .map(({ waiter }) => waiter);
}

/** Weighed once and not at each comparison: thousands may stand in a line. */
interface Weighed {
  readonly waiter: Waiter;
  readonly weight: number;
  readonly sinceMs: number;
}

function weigher(now: Instant): (waiter: Waiter) => Weighed {
  const nowMs = epochMs(now);
  return (waiter) => {
    const sinceMs = epochMs(waiter.since);
    const aged = Math.floor(Math.max(0, nowMs - sinceMs) / AGEING_STEP_MS);
    return { waiter, weight: waiter.priority + aged, sinceMs };
  };
}

/** The one order: total, and the same on every replica that has the same clock. */
function inOrder(a: Weighed, b: Weighed): number {
  const landedFirst = Number(b.waiter.hasLanded) - Number(a.waiter.hasLanded);
  return landedFirst || b.weight - a.weight || a.sinceMs - b.sinceMs || (a.waiter.taskId < b.waiter.taskId ? -1 : 1);
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** Such as "third in line"; @param ahead how many are before it. */
export function placeText(ahead: number): string {
  return `${ORDINALS[ahead] ?? `number ${ahead + 1}`} in line`;
}
