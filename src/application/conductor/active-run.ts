import { epochMs } from '../../domain/instant';
import type { OpenClaim } from '../../domain/task/task.state';
import type { Clock } from '../ports/clock';

export type AbortReason = 'claim-closed' | 'deadline' | 'shutdown';

/** A job this process is doing right now. */
export interface ActiveRun {
  claim: OpenClaim;
  /** On the monotonic clock: when the claim's time is over, whatever becomes of the wall clock. */
  endsAt: number;
  /** While a result is handed over the claim closes by our own doing; nobody may abort the run for that. */
  phase: 'running' | 'handing-over';
  controller: AbortController;
}

/** A claim of this process that has just been stored. */
export function begun(claim: OpenClaim, clock: Clock): ActiveRun {
  const livesMs = epochMs(claim.deadlineAt) - epochMs(claim.since);
  return { claim, endsAt: clock.monotonic() + livesMs, phase: 'running', controller: new AbortController() };
}

export function abortRun(run: ActiveRun, reason: AbortReason): void {
  if (run.phase === 'running') run.controller.abort(reason);
}

/** Why the run was told to stop; null when it was not. */
export function abortReason(signal: AbortSignal): AbortReason | null {
  return signal.aborted ? (signal.reason as AbortReason) : null;
}
