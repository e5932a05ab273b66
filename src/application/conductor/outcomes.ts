import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { OpenClaim } from '../../domain/task/task.state';
import type { AbortReason } from './active-run';

/** What a job that was told to stop leaves behind. Null: the claim is not ours any more, there is nothing to say. */
export function outcomeOfAborted(claim: OpenClaim, reason: AbortReason | null): OutcomeCommand | null {
  switch (reason) {
    case 'claim-closed':
      return null;
    case 'deadline':
      return infra(claim, 'timeout', 'deadline', `the job took longer than all its parts may take together`);
    case 'shutdown':
      return release(claim, 'the service is shutting down');
    case null:
      return release(claim, 'the job ended without a result');
  }
}

/**
 * A job that threw has met a fault of ours or of the machine: never a verdict about the change. A landing is given back
 * instead, so that its recovery asks git what happened.
 */
export function outcomeOfCrash(claim: OpenClaim, error: unknown): OutcomeCommand {
  const detail = error instanceof Error ? error.message : String(error);
  return claim.job.kind === 'landing' ? release(claim, detail) : infra(claim, 'tool-error', 'internal', detail);
}

function release(claim: OpenClaim, reason: string): OutcomeCommand {
  return { type: 'ReleaseClaim', data: { claim: claim.token, reason } };
}

function infra(
  claim: OpenClaim,
  failureClass: 'timeout' | 'tool-error',
  reason: string,
  detail: string,
): OutcomeCommand {
  const failure = { reason, retryable: true, evidence: [detail.slice(0, 500)], step: claim.job.kind };
  return {
    type: 'ReportInfraFailure',
    data: { claim: claim.token, failureClass, failure, run: null, exhaustedArtifact: null },
  };
}
