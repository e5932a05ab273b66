import { ruleOf } from '../../failures/by-rule';
import { unansweredGate } from '../../gates/exit-gates';
import { epochMs, plusMs } from '../../instant';
import { CLASS_EFFECTS, type InfraClass } from '../../merge/failure-class';
import { backoffMs } from '../../policy/project-policy';
import { budgetState } from '../budgets/budgets';
import type { Draft } from './draft';
import { mayEndFree } from '../budgets/free-ends';
import { failedAt } from '../../staging/exit-code-to-status';
import { jobKey, jobName, needsLane, suiteAt, suiteJobOf, type Job } from '../job';
import type { JobRow } from '../job-row';
import { JOBS } from '../job-table';
import { isFinal, rowOf, runnerOf } from '../pipeline';
import type { DecisionContext, InfraFailure } from '../task.commands';
import type { BudgetKey, TaskEvent } from '../task.events';
import { hold, settle } from '../settle';
import type { OpenClaim, SubmittedTask } from '../task.state';

/** How long a lock may keep a task waiting for free. After that somebody has to look: the lock has no live owner. */
export const LOCK_BUSY_BOUND_MS = 10 * 60_000;
/** A lock is usually gone within moments; waiting a whole back-off for it would waste the lane. */
export const LOCK_BUSY_RETRY_MS = 1_000;

/** Lines of evidence that a deferral repeats; all of them are in `ToolErrored`. */
const EVIDENCE_LINES = 4;

export type InfraEffect = 'defer' | 'defer-free' | 'exhausted' | 'hold';

/**
 * What an infrastructure failure of a job leads to. Never a roll-back by itself, never a developer retry.
 * Asked twice: by the decider, and before that by the saga that renders the artifact of an exhausted budget.
 */
export function infraEffect(
  task: SubmittedTask,
  job: Job,
  context: Pick<DecisionContext, 'policy' | 'surroundings' | 'at'>,
  failed: Pick<InfraFailure, 'failureClass' | 'failure'>,
): InfraEffect {
  const { effect } = CLASS_EFFECTS[failed.failureClass];
  const price = priceOf(failed.failureClass, job);
  if (effect === 'hold') return 'hold';
  if (isLanePaused(job, context)) return mayEndFree(task, 'lock-busy', job) ? 'defer-free' : 'exhausted';
  if (effect === 'retry' && price === null) {
    const sinceMs = task.lockBusySince ? epochMs(context.at) - epochMs(task.lockBusySince) : 0;
    // Counted too: a clock that was set back would make the time longer.
    return sinceMs < LOCK_BUSY_BOUND_MS && mayEndFree(task, 'lock-busy', job) ? 'defer-free' : 'exhausted';
  }
  const { retrySwitch } = JOBS[job.kind];
  const mayRetry = retrySwitch === null || context.surroundings.switches[retrySwitch];
  const isLeft = price !== null && budgetState(task, context.policy, price).left;
  return effect === 'retry' && failed.failure.retryable && mayRetry && isLeft ? 'defer' : 'exhausted';
}

/** Who runs there then finds out whether the machine works: that it does not is no news about the task. */
function isLanePaused(job: Job, { surroundings }: Pick<DecisionContext, 'surroundings'>): boolean {
  return needsLane(job) && (surroundings.lane.pause ?? null) !== null;
}

/** What one more retry after a failure of this class costs; null: nothing. */
function priceOf(kind: InfraClass, job: Job): BudgetKey | null {
  return CLASS_EFFECTS[kind].budget === 'infra' ? infraBudget(job) : null;
}

export function infraBudget(job: Job): BudgetKey {
  return { budget: 'infra', key: jobKey(job) };
}

/** Records the failure and either defers the job or fails closed. */
export function recordInfraFailure(draft: Draft, job: Job, failed: InfraFailure): void {
  const claim = draft.task.claim;
  if (!claim) return;
  const { failureClass, failure, run } = failed;
  const effect = infraEffect(draft.task, job, draft.context, failed);
  draft.add({ type: 'ToolErrored', data: { claim: claim.token, job, failureClass, failure, run } });
  if (effect === 'exhausted') exhaust(draft, job, failed);
  else if (effect === 'hold') holdUnclassified(draft, claim, failure.reason);
  else defer(draft, job, failed, effect);
}

/** No rule knows what it means: fail closed, roll nothing back. */
function holdUnclassified(draft: Draft, { token, job }: OpenClaim, reason: string): void {
  draft.add({ type: 'ClaimReleased', data: { claim: token, reason: 'unclassified' } });
  hold(draft, 'unclassified', `${jobName(job)}: ${reason}`, { job });
}

function defer(draft: Draft, job: Job, { failureClass, failure }: InfraFailure, effect: 'defer' | 'defer-free'): void {
  const { at, policy, random } = draft.context;
  const spends = effect === 'defer-free' ? null : priceOf(failureClass, job);
  const { spent, limit } = budgetState(draft.task, policy, infraBudget(job));
  const free = spends === null;
  const isLock = priceOf(failureClass, job) === null;
  const delayMs = isLock ? Math.round(LOCK_BUSY_RETRY_MS * (0.5 + random)) : backoffMs(policy.backoff, spent, random);
  draft.add({
    type: 'RunDeferred',
    data: {
      job,
      failureClass,
      reason: failure.reason,
      ...ruleOf(failure),
      evidence: failure.evidence.slice(0, EVIDENCE_LINES),
      spent: free ? spent : spent + 1,
      limit,
      deferredUntil: plusMs(at, delayMs),
      spends,
    },
  });
}

/**
 * Fails closed, before any gate is asked: the verdict (where the job makes one) says FAILED with cause infra-exhausted,
 * and the gate reads that as a hold. Where no gate reads it, because a person holds the task already or the job has none,
 * the task is held here.
 */
function exhaust(draft: Draft, job: Job, { failure, run, exhaustedArtifact }: InfraFailure): void {
  const { claim, stage, hold: heldBefore } = draft.task;
  const gate = unansweredGate(draft.task);
  const budget = infraBudget(job);
  const { spent, limit } = budgetState(draft.task, draft.context.policy, budget);
  const tries = draft.task.failure?.tries ?? spent + 1;
  draft.add({ type: 'InfraBudgetExhausted', data: { job, reason: failure.reason, spent, limit, tries } });
  const saidBy = exhaustedBy(job, draft);
  if (claim && saidBy === 'verdict') draft.add(exhaustedVerdict(claim, job, run, exhaustedArtifact));
  // Not for other jobs: what they left behind (a commit, say) would carry the task on as if they had succeeded.
  if (saidBy !== 'hold') settle(draft);
  // By an override: the gate passes all the same.
  const isLetThrough = saidBy !== 'hold' && unansweredGate(draft.task) !== gate;
  const isHandled = draft.task.stage !== stage || draft.task.hold !== heldBefore || isLetThrough;
  if (!isHandled) hold(draft, 'infra-exhausted', `${jobName(job)}: ${failure.reason}`, { budget, job });
}

/** An agent that stands in for a runner answers as the runner does. */
function exhaustedBy(job: Job, { task: { stage }, context }: Draft): JobRow['exhaustedBy'] {
  const replaced = job.kind === 'agent' && !isFinal(stage) && job.role === rowOf(stage).fallback && suiteJobOf(stage);
  return JOBS[replaced && suiteAt(stage, context.policy) ? replaced : job.kind].exhaustedBy;
}

function exhaustedVerdict(
  claim: OpenClaim,
  job: Job,
  run: InfraFailure['run'],
  artifact: InfraFailure['exhaustedArtifact'],
): TaskEvent {
  return {
    type: 'VerdictRecorded',
    data: {
      stage: claim.stage,
      ...failedAt(claim.stage),
      cause: 'infra-exhausted',
      runId: run?.runId ?? claim.runId,
      claim: claim.token,
      subjectOid: claim.headOid,
      treeOid: null,
      baseOid: null,
      suiteDigest: null,
      environmentDigest: null,
      artifact,
      producer: job.kind === 'agent' ? job.role : runnerOf(claim.stage),
      source: 'runner',
    },
  };
}
