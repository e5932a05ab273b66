import type { OpenClaim } from '../../domain/task/task.state';

/** A job this process is doing right now. */
export interface ActiveRun {
  readonly taskId: string;
  claim: OpenClaim;
  /** While a result is being handed over the claim closes by our own doing; nobody must abort the run for that. */
  phase: 'running' | 'handing-over';
  controller: AbortController;
  readonly finished: Promise<void>;
}

export type AbortReason = 'claim-closed' | 'deadline' | 'shutdown';
