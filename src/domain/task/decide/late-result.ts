import type { Switches } from '../../policy/switches';
import type { Draft } from './draft';
import { JOBS } from '../job-table';
import { comesAfter, isFinal } from '../pipeline';
import type { TaskCommand } from '../task.commands';
import type { ClaimToken } from '../task.events';
import { isLanding, isNewWork, type OpenClaim, type SubmittedTask } from '../task.state';

/** What says something about the change. That a late owner failed, or gives back what is not its own, is worth nothing. */
const RESULTS: ReadonlySet<TaskCommand['type']> = new Set([
  'ReportSuiteRun',
  'ReportEvidence',
  'ReportConflict',
  'ReportBranchRefused',
  'ReportRetestSkipped',
  'ReportRetest',
  'ReportMarkersLost',
  'ReportAgentDone',
]);

/**
 * With the lease switched off, the result of an owner whose claim was taken away is let through and flagged, as if it had
 * never lost it; whoever has the step now is the late one from then on. The event goes into the append of the result.
 */
export function admitLate(draft: Draft, command: TaskCommand): void {
  const { task, context } = draft;
  if (!RESULTS.has(command.type) || !('claim' in command.data) || isError(task, command)) return;
  const late = lateClaim(task, command.data.claim, context.surroundings.switches);
  if (!late) return;
  const displaced = task.claim?.token ?? null;
  draft.add({ type: 'LeaseViolationObserved', data: { claim: late.token, refused: command.type, displaced } });
}

/** An agent that ended without a verdict, and without a commit where one was asked for, has found out nothing. */
function isError(task: SubmittedTask, { type, data }: TaskCommand): boolean {
  return type === 'ReportAgentDone' && data.verdict === null && !isNewWork(task, data.headOid);
}

/**
 * The claim that was taken away and whose result would be let through all the same. Null where the lease is on, where its step
 * has an answer or is about another commit, and from the landing on: what moves main is fenced whatever is switched off.
 */
export function lateClaim(
  task: SubmittedTask,
  token: ClaimToken,
  { transitionLease }: Pick<Switches, 'transitionLease'>,
): OpenClaim | null {
  if (transitionLease || task.claim?.token === token) return null;
  const { stage } = task;
  if (isFinal(stage) || comesAfter(stage, 'deploy-staging') || isLanding(task)) return null;
  const late = task.takenAway.find((claim) => claim.token === token);
  if (!late || late.stage !== stage || late.headOid !== task.headOid) return null;
  return JOBS[late.job.kind].isAbortable ? late : null;
}
