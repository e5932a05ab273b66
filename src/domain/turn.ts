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
}

/**
 * Whose turn it is: highest priority, where every `AGEING_STEP_MS` of waiting counts as one; then the longest wait.
 * So a task of priority p is passed over only by those who came less than 9 - p steps after it, whatever arrives.
 */
export function nextInLine(waiters: readonly Waiter[], now: Instant): Waiter | null {
  const isBefore = order(now);
  return waiters.reduce<Waiter | null>((best, one) => (best && isBefore(best, one) ? best : one), null);
}

/** How many waiters have their turn before this one. */
export function aheadOf(waiter: Waiter, waiters: readonly Waiter[], now: Instant): number {
  const isBefore = order(now);
  return waiters.filter((other) => other.taskId !== waiter.taskId && isBefore(other, waiter)).length;
}

/** All of them, the next one first. */
export function inTurn(waiters: readonly Waiter[], now: Instant): readonly Waiter[] {
  const isBefore = order(now);
  return [...waiters].sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

/** The one order: total, and the same on every replica that has the same clock. */
function order(now: Instant): (a: Waiter, b: Waiter) => boolean {
  const nowMs = epochMs(now);
  const weight = ({ priority, since }: Waiter) =>
    priority + Math.floor(Math.max(0, nowMs - epochMs(since)) / AGEING_STEP_MS);
  return (a, b) => (weight(b) - weight(a) || epochMs(a.since) - epochMs(b.since) || (a.taskId < b.taskId ? -1 : 1)) < 0;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** Such as "third in line"; @param ahead how many are before it. */
export function placeText(ahead: number): string {
  return `${ORDINALS[ahead] ?? `number ${ahead + 1}`} in line`;
}
