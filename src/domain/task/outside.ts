import type { Digest } from '../ids';
import { epochMs, instant, plusMs, type Instant } from '../instant';

/** What a claim records of an outside worker: somebody who asked for the work, and whom this service did not start. */
export interface OutsideClaim {
  /** The principal that took the work; nobody else can end it. */
  readonly by: string;
  /** SHA-256 of the secret that the worker was given with its claim. */
  readonly secretDigest: Digest;
  /** No heartbeat extends the claim beyond this. */
  readonly endsAt: Instant;
}

/** How long a claim outlives the last heartbeat that was stored. */
export const HEARTBEAT_LIFE_MS = 180_000;
/** A heartbeat sooner than this after the one before is answered, and leaves no event. */
export const HEARTBEAT_STORED_EVERY_MS = 60_000;

/**
 * The name of an outside worker. It has two parts where a process has five (host, boot, pid namespace, pid, start), so that
 * no host ever takes it for one of its own that is gone.
 */
export function outsideWorker(principal: string, random: string): string {
  return `${principal.replaceAll('/', '-')}/${random}`;
}

/** Until when a heartbeat at `at` keeps the claim. */
export function heartbeatDeadline(at: Instant, endsAt: Instant): Instant {
  return instant(Math.min(epochMs(at) + HEARTBEAT_LIFE_MS, epochMs(endsAt)));
}

/** Whether a heartbeat says anything new. A clock that was set back counts as new: else the claim would wait for it. */
export function isWorthStoring(heardAt: Instant, at: Instant): boolean {
  return at < heardAt || plusMs(heardAt, HEARTBEAT_STORED_EVERY_MS) <= at;
}
