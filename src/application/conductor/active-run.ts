import type { OpenClaim } from '../../domain/task/task.state';

export type AbortReason = 'claim-closed' | 'deadline' | 'shutdown';

/** A job this process is doing right now. */
export interface ActiveRun {
  claim: OpenClaim;
  /** While a result is handed over the claim closes by our own doing; nobody may abort the run for that. */
  phase: 'running' | 'handing-over';
  controller: AbortController;
}

export function abortRun(run: ActiveRun, reason: AbortReason): void {
  if (run.phase === 'running') run.controller.abort(reason);
}

/** Why the run was told to stop; null when it was not. */
export function abortReason(signal: AbortSignal): AbortReason | null {
  return signal.aborted ? (signal.reason as AbortReason) : null;
}
