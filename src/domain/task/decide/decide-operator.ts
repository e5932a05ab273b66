import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { jobFor } from '../job';
import { isFinal, rowOf } from '../pipeline';
import { queueRequest } from './requests';
import { A_PRIORITY, isPriority } from '../priority';
import { settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import { isLanding, isUntested, type SubmittedTask } from '../task.state';

/** Stops the task where it is. A run under way finishes and is recorded; the task does not move on. */
export function holdTask(draft: Draft, { reason }: TaskCommandData['HoldTask']): Decision {
  if (draft.task.hold) return reject('already-held', `held since ${draft.task.hold.since}: ${draft.task.hold.detail}`);
  if (isLanding(draft.task)) return queueRequest(draft, { request: 'hold', by: byOf(draft), reason, headOid: null });
  draft.add({ type: 'TaskHeld', data: { reason: 'person', by: byOf(draft), detail: reason, budget: null } });
  return accept(draft.events);
}

/** Lifts a hold, gives back the budget that caused it, and lets the task go on. */
export function releaseTask(draft: Draft, { reason }: TaskCommandData['ReleaseTask']): Decision {
  const { hold } = draft.task;
  if (!hold) return reject('not-held', 'the task is not held');
  release(draft, reason);
  // Left standing, these would hold the task again at once.
  if (hold.reason === 'inconclusive' || hold.reason === 'not-executed' || saysNothing(draft.task))
    voidVerdict(draft, reason);
  settle(draft);
  return accept(draft.events);
}

/**
 * Runs the current stage again, free: its verdict no longer counts. Lifts a hold too, since it says "go on". A task that
 * infrastructure sent back goes to its start stage again with the same head.
 */
export function retry(draft: Draft, { reason }: TaskCommandData['RetryTask']): Decision {
  const { task } = draft;
  if (task.claim) return reject('run-in-progress', `${task.claim.job.kind} is running under claim ${task.claim.token}`);
  if (task.interruptedLanding) return reject('run-in-progress', 'git must say first whether the landing took place');
  if (task.landed) return retryLanded(draft, reason);
  const isStopped = task.hold !== null || task.deferral !== null || isUntested(task);
  const waits = isStopped || task.verdicts['deploy-staging'] !== undefined;
  if (!waits) return reject('nothing-to-retry', nothingToRetry(task));
  if (task.hold) release(draft, reason);
  voidVerdict(draft, reason);
  settle(draft);
  return accept(draft.events);
}

/** What comes behind the landing runs again, from where the task stands; main stays as it is. */
function retryLanded(draft: Draft, reason: string): Decision {
  const { hold, deployBegun } = draft.task;
  if (!endedBadly(draft.task))
    return reject(
      'landed-already',
      'the task has landed, and nothing behind that has ended badly; submit a revert as a new task',
    );
  // Whoever holds it for another reason was never told.
  if (deployBegun && hold?.gate !== 'check_deploy_status')
    return reject('not-asked-yet', 'the deploy was interrupted meanwhile: release the task, and it is asked about');
  if (hold) release(draft, reason);
  voidVerdict(draft, reason);
  settle(draft);
  return accept(draft.events);
}

/** Not where it waits for the sake of the landing itself, nor where a person has stopped what had not begun. */
function endedBadly({ hold, deferral, deployBegun, stage, verdicts }: SubmittedTask): boolean {
  if (isFinal(stage) || hold === null) return deferral !== null;
  const { gates } = rowOf(stage);
  const isOfGate = hold.gate !== undefined && gates.includes(hold.gate);
  const { budget } = hold;
  const isOfJob = gates.some((gate) => budget !== null && budget.key === jobFor(gate)?.kind);
  const isOfStage = budget?.key === stage;
  return isOfGate || isOfJob || isOfStage || deployBegun !== null || verdicts[stage] !== undefined;
}

/** Sent back, a task needs another commit: the same one would be found the same. */
function nothingToRetry({ stage, branch, lastReason }: SubmittedTask): string {
  if (stage === 'development' && lastReason !== null)
    return `sent back to development (${lastReason}): push a commit to ${branch}; it is tested without being asked`;
  return `nothing has been decided at ${stage} yet`;
}

/** Takes the task out of the pipeline. While it is landing the answer waits for git's. */
export function cancel(draft: Draft, { reason }: TaskCommandData['CancelTask']): Decision {
  if (draft.task.landed) return reject('landed-already', 'the task has landed; submit a revert as a new task');
  if (isLanding(draft.task)) return queueRequest(draft, { request: 'cancel', by: byOf(draft), reason, headOid: null });
  draft.add({ type: 'TaskCancelled', data: { by: byOf(draft), reason } });
  return accept(draft.events);
}

export function changePriority(draft: Draft, { priority }: TaskCommandData['ChangePriority']): Decision {
  if (!isPriority(priority)) return reject('invalid-priority', `expected ${A_PRIORITY}, saw ${priority}`);
  if (priority === draft.task.priority) return nothing();
  draft.add({ type: 'PriorityChanged', data: { from: draft.task.priority, to: priority, by: byOf(draft) } });
  return accept(draft.events);
}

/** Lifts the hold of a task that is held. */
export function release(draft: Draft, reason: string): void {
  const by = byOf(draft);
  const budget = draft.task.hold?.budget;
  draft.add({ type: 'TaskReleased', data: { by: byOf(draft), reason } });
  if (budget) draft.add({ type: 'BudgetRenewed', data: { ...budget, by } });
}

/** The verdict of the stage is none about the change: infrastructure gave up. */
function saysNothing({ stage, verdicts }: SubmittedTask): boolean {
  const verdict = isFinal(stage) ? undefined : verdicts[stage];
  return verdict !== undefined && verdict.cause !== null;
}

/** A verdict about a candidate that has not landed voids the whole of deploy-staging, from wherever the task stands. */
function voidVerdict(draft: Draft, reason: string): void {
  const { stage, landed } = draft.task;
  if (isFinal(stage)) return;
  const voided = stage === 'deploy' && !landed ? 'deploy-staging' : stage;
  draft.add({ type: 'VerdictVoided', data: { stage: voided, by: byOf(draft), reason, spends: null } });
}

function byOf({ context }: Draft): string {
  return context.principal.name;
}
