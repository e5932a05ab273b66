import { epochMs, plusMs } from '../instant';
import { backoffMs } from '../policy/project-policy';
import { budgetState } from './budgets';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { jobKey, laneNeed, sameJob } from './job';
import { nextStep } from './next-step';
import { comesAfter, isFinal } from './pipeline';
import { hold, settle } from './settle';
import type { TaskCommandData } from './task.commands';
import type { BudgetKey, ClaimToken, LandingIntent, RequestKind, TaskEventData } from './task.events';
import type { OpenClaim } from './task.state';

/**
 * The open claim, if `token` cites it. Everything a worker reports goes through here: this is the fence.
 */
export function openClaim(draft: Draft, token: ClaimToken): OpenClaim | null {
  const { claim } = draft.task;
  return claim?.token === token ? claim : null;
}

export function staleClaim(draft: Draft, token: ClaimToken): Decision {
  const open = draft.task.claim ? `claim ${draft.task.claim.token} is open` : 'no claim is open';
  return reject('stale-claim', `claim ${token} no longer owns the task: ${open}`);
}

/** Takes the task's next step for one worker. Whoever appends first owns it; nobody else can until it is closed. */
export function claimTransition(draft: Draft, data: TaskCommandData['ClaimTransition']): Decision {
  const { task, context } = draft;
  if (task.claim?.claimId === data.claimId) return nothing();
  if (task.claim) return reject('already-claimed', `${task.claim.worker} holds claim ${task.claim.token}`);
  const step = nextStep(task, context.at, context.policy, context.surroundings);
  if (step.kind !== 'run' || !sameJob(step.job, data.job)) {
    return reject('not-the-next-step', `${jobKey(data.job)} is not next: ${step.why.text}`);
  }
  const epoch = laneNeed(data.job) === 'none' ? null : (context.surroundings.lane.holder?.epoch ?? null);
  if (laneNeed(data.job) !== 'none' && epoch === null) {
    return reject('not-the-next-step', `${data.job.kind} needs the lane of ${task.project}`);
  }
  draft.add({
    type: 'TransitionClaimed',
    data: {
      ...data,
      stage: task.stage as TaskEventData['TransitionClaimed']['stage'],
      headOid: task.headOid,
      laneEpoch: epoch,
      landing: data.job.kind === 'landing' && epoch !== null ? landingIntent(draft, epoch) : null,
    },
  });
  return accept(draft.events);
}

function landingIntent(draft: Draft, epoch: string): LandingIntent {
  const { merge, headOid } = draft.task;
  if (!merge?.newOid || !merge.treeOid || !headOid) throw new Error('a landing without a tested candidate');
  return { newOid: merge.newOid, baseOid: merge.baseOid, treeOid: merge.treeOid, headOid, epoch };
}

/** The owner gives the claim back without a result: shutting down, or a switch went off before the start. */
export function releaseClaim(draft: Draft, data: TaskCommandData['ReleaseClaim']): Decision {
  if (!openClaim(draft, data.claim)) return staleClaim(draft, data.claim);
  draft.add({ type: 'ClaimReleased', data });
  answerRequests(draft, 'not-landed');
  return accept(draft.events);
}

/**
 * Takes an abandoned claim away. It cites the claim it saw, so that it can never hit a newer one.
 * Costs a crash retry; never an infra or a developer retry, because nothing is known about either.
 */
export function reapTransition(draft: Draft, data: TaskCommandData['ReapTransition']): Decision {
  const { at, policy, random } = draft.context;
  const claim = openClaim(draft, data.claim);
  if (!claim) return staleClaim(draft, data.claim);
  if (data.reason === 'deadline' && epochMs(at) < epochMs(claim.deadlineAt)) {
    return reject('deadline-not-reached', `claim ${claim.token} runs until ${claim.deadlineAt}`);
  }
  const key: BudgetKey = { budget: 'crash', key: claim.stage };
  const { spent, limit, left } = budgetState(draft.task, policy, key);
  // The first crash is most often ours (a restart, a deploy): going on at once costs nobody anything.
  const delayMs = spent === 0 ? 0 : backoffMs(policy.backoff, spent - 1, random);
  draft.add({
    type: 'TransitionReaped',
    data: { claim: claim.token, job: claim.job, reason: data.reason, retryAt: plusMs(at, delayMs) },
  });
  answerRequests(draft, 'not-landed');
  if (!left && !isFinal(draft.task.stage)) {
    hold(draft, 'crash-exhausted', `${claim.job.kind} lost its worker ${spent + 1} times (limit ${limit})`, key);
  }
  return accept(draft.events);
}

/** A fenced worker came back with a result. It changes nothing; that it happened is worth knowing. */
export function refuseStaleResult(draft: Draft, data: TaskCommandData['RefuseStaleResult']): Decision {
  if (openClaim(draft, data.claim)) return nothing();
  draft.add({ type: 'StaleResultRefused', data });
  return accept(draft.events);
}

/** The branch has another head. Before the landing intent that voids everything that was found out about the old one. */
export function observeHead(draft: Draft, { headOid }: TaskCommandData['ObserveHead']): Decision {
  const { task } = draft;
  if (task.headOid === headOid) return nothing();
  if (isLanding(draft)) return queueRequest(draft, 'head-moved', 'git', `the branch moved to ${headOid}`, headOid);
  if (task.landed) return noteLateHead(draft, headOid);
  moveHead(draft, headOid);
  return accept(draft.events);
}

export function moveHead(draft: Draft, headOid: string): void {
  const { task } = draft;
  const late = !isFinal(task.stage) && comesAfter(task.stage, 'development');
  const voidedClaim = late ? (task.claim?.token ?? null) : null;
  draft.add({ type: 'HeadMoved', data: { from: task.headOid, to: headOid, voidedClaim } });
  settle(draft);
}

/** Between the landing intent and its outcome nobody but git knows where the task stands. */
export function isLanding(draft: Draft): boolean {
  const { claim, interruptedLanding } = draft.task;
  return claim?.job.kind === 'landing' || claim?.job.kind === 'landing-recovery' || interruptedLanding !== null;
}

export function queueRequest(
  draft: Draft,
  request: RequestKind,
  by: string,
  reason: string,
  headOid: string | null = null,
): Decision {
  const known = draft.task.requests.some((queued) => queued.request === request && queued.headOid === headOid);
  if (known) return nothing();
  draft.add({ type: 'RequestQueued', data: { request, by, reason, headOid } });
  return accept(draft.events);
}

/** Answers what people asked for while the landing was under way. Waits on while its outcome is still unknown. */
export function answerRequests(draft: Draft, outcome: 'landed' | 'not-landed'): void {
  if (isLanding(draft)) return;
  for (const { request, by, reason, headOid } of draft.task.requests) {
    if (isFinal(draft.task.stage)) return;
    if (request === 'hold') {
      draft.add({ type: 'TaskHeld', data: { reason: 'person', by, detail: reason, budget: null } });
    } else if (outcome === 'landed') {
      draft.add({
        type: 'TaskAnnotated',
        data: { by, text: `${request} came too late, the task had landed: ${reason}` },
      });
    } else if (request === 'cancel') {
      draft.add({ type: 'TaskCancelled', data: { by, reason } });
    } else if (headOid) {
      moveHead(draft, headOid);
    }
  }
}

/** The task has landed; what happens to its branch now concerns nobody, but is worth one line. */
function noteLateHead(draft: Draft, headOid: string): Decision {
  if (draft.task.headAfterLanding === headOid) return nothing();
  const text = `the branch moved to ${headOid} after landing`;
  draft.add({ type: 'TaskAnnotated', data: { by: 'stagegate', text, headOid } });
  return accept(draft.events);
}
