import { isSameDigest } from '../../access/same-digest';
import { plusMs } from '../../instant';
import { citedSwitches } from '../../policy/cited-switches';
import { backoffMs } from '../../policy/project-policy';
import { budgetState } from '../budgets/budgets';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { holdIfEndless } from '../budgets/hold-endless';
import { jobKey, laneNeed, needsLane, sameJob, type Job } from '../job';
import { nextStep } from '../next-step';
import type { Step } from '../next/step';
import { isFinal } from '../pipeline';
import { hold, settle } from '../settle';
import type { DecisionContext, TaskCommandData } from '../task.commands';
import type { BudgetKey, ClaimToken, LandingIntent, LaneEpoch } from '../task.events';
import { citedClaim, isNewerGrant, isOverdue, type OpenClaim, type SubmittedTask } from '../task.state';

/**
 * The open claim, if `token` cites it and whoever does is its owner. Everything a worker reports goes through here: this is
 * the fence.
 */
export function openClaim({ task, context }: Draft, token: ClaimToken): OpenClaim | null {
  const claim = citedClaim(task, token);
  return claim && isOwner(claim, context) ? claim : null;
}

export function staleClaim(draft: Draft, token: ClaimToken): Decision {
  const cited = citedClaim(draft.task, token);
  if (cited) return reject('not-your-claim', notYours(cited, draft.context));
  const open = draft.task.claim ? `claim ${draft.task.claim.token} is open` : 'no claim is open';
  return reject('stale-claim', `claim ${token} no longer owns the task: ${open}`);
}

/** Takes the task's next step for one worker. Whoever appends first owns it; nobody else can until it is closed. */
export function claimTransition(draft: Draft, data: TaskCommandData['ClaimTransition']): Decision {
  const { task, context } = draft;
  if (task.claim?.claimId === data.claimId) return nothing();
  if (task.claim) return reject('already-claimed', `${task.claim.worker} holds claim ${task.claim.token}`);
  const step = nextStep(task, context.at, context.policy, context.surroundings);
  if (!isDue(step, data) || isFinal(task.stage)) {
    return reject('not-the-next-step', `${jobKey(data.job)} is not next: ${step.why.text}`);
  }
  const laneEpoch = grantFor(draft, data.job);
  if (laneEpoch === null && needsLane(data.job)) {
    return reject('not-the-next-step', `${data.job.kind} needs a grant of the lane of ${task.project} of its own`);
  }
  const landing = data.job.kind === 'landing' && laneEpoch !== null ? landingIntent(task, laneEpoch) : null;
  if (data.job.kind === 'landing' && !landing)
    return reject('not-the-next-step', 'there is no tested candidate to land');
  const { stage, headOid } = task;
  const switches = citedSwitches(context.surroundings);
  const under = switches ? { switches } : {};
  const { outside: asked, ...claimed } = data;
  const outside = asked && { outside: { ...asked, by: context.principal.name } };
  draft.add({
    type: 'TransitionClaimed',
    data: { ...claimed, stage, headOid, laneEpoch, landing, ...under, ...outside },
  });
  return accept(draft.events);
}

/** The service takes what it would run, an outside worker what it is offered: neither ever gets in the other's way. */
function isDue(step: Step, { job, outside }: TaskCommandData['ClaimTransition']): boolean {
  if (outside) return step.kind === 'await' && step.offer !== undefined && sameJob(step.offer, job);
  return step.kind === 'run' && sameJob(step.job, job);
}

/** The token of a claim can be guessed, and a process of the service is told from others by the store alone. */
function isOwner({ outside }: OpenClaim, { principal, proof }: DecisionContext): boolean {
  if (!outside) return true;
  return principal.name === outside.by && proof !== undefined && isSameDigest(outside.secretDigest, proof);
}

function notYours({ token, outside }: OpenClaim, { principal }: DecisionContext): string {
  if (outside?.by !== principal.name)
    return `claim ${token} is of ${outside?.by ?? 'the service'}, saw ${principal.name}`;
  return `claim ${token}: expected the secret that was given with it, saw another one`;
}

/** The grant of the lane that the job may work under; null when it needs none or has none. */
function grantFor({ task, context }: Draft, job: Job): LaneEpoch | null {
  const need = laneNeed(job);
  const epoch = context.surroundings.lane.holder?.epoch ?? null;
  if (need === 'none' || epoch === null) return null;
  return need === 'held' || isNewerGrant(task, epoch) ? epoch : null;
}

function landingIntent({ merge, headOid }: SubmittedTask, epoch: LaneEpoch): LandingIntent | null {
  if (!merge?.newOid || !merge.treeOid || !headOid) return null;
  return { newOid: merge.newOid, baseOid: merge.baseOid, treeOid: merge.treeOid, headOid, epoch };
}

/** The owner gives the claim back without a result: shutting down, or a switch went off before the start. */
export function releaseClaim(draft: Draft, data: TaskCommandData['ReleaseClaim']): Decision {
  const claim = openClaim(draft, data.claim);
  if (!claim) return staleClaim(draft, data.claim);
  draft.add({ type: 'ClaimReleased', data });
  // What had begun is asked about, and nothing else can go on from here.
  if (draft.task.deployBegun) settle(draft);
  holdIfEndless(draft, 'released', claim.job, data.reason);
  return accept(draft.events);
}

/**
 * Takes an abandoned claim away. It cites the claim it saw, so that it can never hit a newer one.
 * Costs a crash retry; never an infra or a developer retry, because nothing is known about either.
 */
export function reapTransition(draft: Draft, data: TaskCommandData['ReapTransition']): Decision {
  const { at, policy, random, surroundings } = draft.context;
  const claim = citedClaim(draft.task, data.claim);
  if (!claim) return staleClaim(draft, data.claim);
  if (data.reason === 'deadline' && !isOverdue(claim, at, surroundings)) {
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
  if (draft.task.deployBegun) settle(draft);
  // A landing is looked into even then; if that crashes too it is the same incident, and one alert is out already.
  const isKnown = draft.task.hold?.reason === 'crash-exhausted' || draft.task.deployBegun !== null;
  if (!left && !isKnown) {
    const detail = `${claim.job.kind} lost its worker ${spent + 1} times (limit ${limit})`;
    hold(draft, 'crash-exhausted', detail, { budget: key, job: claim.job });
  }
  return accept(draft.events);
}

/** A fenced worker came back with a result. It changes nothing; that it happened is worth knowing. */
export function refuseStaleResult(draft: Draft, data: TaskCommandData['RefuseStaleResult']): Decision {
  if (citedClaim(draft.task, data.claim)) return nothing();
  draft.add({ type: 'StaleResultRefused', data });
  return accept(draft.events);
}
