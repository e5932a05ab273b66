import { JOBS } from '../../domain/task/job-table';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { OpenClaim } from '../../domain/task/task.state';
import { InfrastructureError } from '../ports/infrastructure-error';
import { serviceFailure } from '../sagas/classified';
import { withoutSecrets } from '../secrets';
import type { AbortReason } from './active-run';

/** How a job ended, in a word of few: for infrastructure the class of the failure, else what there is to report. */
export function wordOfOutcome(outcome: OutcomeCommand | null): string {
  if (outcome === null) return 'lost';
  if (outcome.type === 'ReleaseClaim') return 'released';
  if (outcome.type === 'ReportInfraFailure') return outcome.data.failureClass;
  return outcome.type
    .slice('Report'.length)
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
}

/** What a job that was told to stop leaves behind. Null: the claim is not ours any more, there is nothing to say. */
export function outcomeOfAborted(claim: OpenClaim, reason: AbortReason | null): OutcomeCommand | null {
  switch (reason) {
    case 'claim-closed':
      return null;
    case 'deadline':
      return infra(claim, 'deadline', `the job took longer than all its parts may take together`);
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
  const detail = withoutSecrets(error instanceof Error ? error.message : String(error));
  // A port that fails again while its failure is being written down is no mistake of ours.
  const reason = error instanceof InfrastructureError ? error.code : 'internal';
  const { onFault } = JOBS[claim.job.kind];
  return onFault === 'given-back' ? release(claim, detail) : infra(claim, reason, detail);
}

/** The store will never take the result: a fault of ours, which doing the job again would only repeat. Says nothing from outside. */
export function outcomeOfUnstorable(claim: OpenClaim, code: string, refused: OutcomeCommand['type']): OutcomeCommand {
  const evidence = `the event store refuses ${refused} for good; the log of the service says what is wrong with it`;
  return infra(claim, code, evidence);
}

/** No rule of ours fits the result: the same again would end the same. */
export function outcomeOfBroken(claim: OpenClaim, detail: string): OutcomeCommand {
  return { type: 'ReportUnclassified', data: { claim: claim.token, detail: `a result was refused, ${detail}` } };
}

function release(claim: OpenClaim, reason: string): OutcomeCommand {
  return { type: 'ReleaseClaim', data: { claim: claim.token, reason } };
}

function infra({ token, job }: OpenClaim, reason: string, detail: string): OutcomeCommand {
  const failed = serviceFailure(reason, detail, job.kind);
  return { type: 'ReportInfraFailure', data: { claim: token, ...failed, run: null, exhaustedArtifact: null } };
}
