import type { Instant } from '../../instant';
import { failureBehind } from './failure';
import { spend } from '../budgets/spending';
import type { Change } from './stage-changes';
import type { TaskEventData } from '../task.events';
import type { InterruptedLanding, OpenClaim, SubmittedTask } from '../task.state';

export function claimed(task: SubmittedTask, data: TaskEventData['TransitionClaimed'], at: Instant): OpenClaim {
  return {
    claimId: data.claimId,
    cookie: data.cookie,
    deadlineAt: data.deadlineAt,
    headOid: data.headOid,
    job: data.job,
    landing: data.landing,
    laneEpoch: data.laneEpoch,
    ...(data.outside && { outside: { ...data.outside, heardAt: at } }),
    runId: data.runId,
    since: at,
    stage: data.stage,
    token: String(task.revision + 1n),
    worker: data.worker,
  };
}

export function extended(
  { claim }: SubmittedTask,
  { deadlineAt }: TaskEventData['ClaimExtended'],
  at: Instant,
): Change {
  if (!claim) return {};
  return { claim: { ...claim, deadlineAt, ...(claim.outside && { outside: { ...claim.outside, heardAt: at } }) } };
}

export function reaped(
  task: SubmittedTask,
  { job, reason, retryAt }: TaskEventData['TransitionReaped'],
  at: Instant,
): Change {
  const interruption = interrupted(task);
  const isBeyondBudget = job.kind === 'landing-recovery' && task.hold?.reason === 'crash-exhausted';
  return {
    claim: null,
    interruptedLanding: interruption && isBeyondBudget ? { ...interruption, needsPerson: true } : interruption,
    spent: spend(task.spent, { budget: 'crash', key: task.claim?.stage ?? 'created' }),
    lockBusySince: null,
    deferral: { until: retryAt, since: at, job, failureClass: 'crash', reason },
  };
}

export function held(task: SubmittedTask, data: TaskEventData['TaskHeld'], at: Instant): Change {
  const { reason, by, detail, budget, job, gate } = data;
  const { interruptedLanding } = task;
  const isStuck = job?.kind === 'landing-recovery';
  return {
    hold: {
      budget,
      by,
      detail,
      failure: failureBehind(task, reason, budget),
      ...(gate && { gate }),
      reason,
      since: at,
    },
    interruptedLanding:
      interruptedLanding && isStuck ? { ...interruptedLanding, needsPerson: true } : interruptedLanding,
  };
}

/** The landing that the open claim leaves behind when it is closed without git's answer. */
export function interrupted({ claim, interruptedLanding }: SubmittedTask): InterruptedLanding | null {
  const isOwn = claim?.job.kind === 'landing' && claim.landing !== null;
  return isOwn ? { intent: claim.landing, token: claim.token, needsPerson: false } : interruptedLanding;
}
