import { nextGate, owesGate, unansweredGate } from '../gates/exit-gates';
import { damageText, type Damage } from '../damage';
import { unreachable } from '../fact';
import { isWaitOver, type Instant } from '../instant';
import type { ProjectPolicy } from '../policy/project-policy';
import { placeText } from '../turn';
import { openDependencies } from './dependencies';
import { jobFor, jobName, needsLane, suiteAt, type Job } from './job';
import { deployStep, monitorStep } from './next/behind-landing';
import { askGate, blockedByGate, gateJob } from './next/gate-steps';
import { runJob, waitForLane } from './next/lane-steps';
import { agentStage, byAgent, suiteStage } from './next/producers';
import { why, type NextActor, type Step } from './next/step';
import { isFinal } from './pipeline';
import type { SetAside, Surroundings, TaskCommand } from './task.commands';
import { isOverdue, type OpenClaim, type SubmittedTask, type Task } from './task.state';
import { failureText } from './words/failure-words';
import { remedyOfHold, remedyOfMissing } from './words/remedies';

/**
 * The one answer to "what happens next". The conductor obeys it, `why` renders it, the board shows it.
 *
 * @param surroundings read from outside the task's stream, so never fenced: they are read again before a process starts.
 */
export function nextStep(task: Task, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  const step = conductedStep(task, now, policy, surroundings);
  // Nobody could take it, and whoever pushes the branch again has done what there is to do.
  if (task.kind === 'submitted' && surroundings.isBranchGone === true && step.kind === 'await' && step.offer)
    return branchGone(task);
  const isAtRest = step.kind === 'await' || step.kind === 'finished';
  if (task.kind === 'submitted' && surroundings.isAbandoned === true && !isAtRest) return abandoned(task);
  return step.kind === 'run' ? inLineForSlot(step, surroundings) : step;
}

/** Says where it stands, and decides nothing: slots are an affair of one process. */
function inLineForSlot(step: Extract<Step, { kind: 'run' }>, { aheadForSlot: ahead }: Surroundings): Step {
  if (typeof ahead !== 'number') return step;
  const text = `${jobName(step.job)} waits for a free slot; ${placeText(ahead)}`;
  return { ...step, why: { ...step.why, text } };
}

function branchGone(task: SubmittedTask): Step {
  const { branch, project, stageSince } = task;
  const text = `the repository of ${project} does not have branch ${branch} any more`;
  const remedy = remedyOfMissing(task, `push ${branch} again`);
  return { kind: 'await', why: { ...why('branch-gone', text, 'person', stageSince, branch), remedy } };
}

function abandoned(task: SubmittedTask): Step {
  const { branch, stageSince } = task;
  const text = `no process moves this task: run land of ${branch} again, or up`;
  const remedy = remedyOfMissing(task, `run land of ${branch} again, or stagegate up on this state`);
  return { kind: 'await', why: { ...why('no-conductor', text, 'person', stageSince, branch), remedy } };
}

function conductedStep(task: Task, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  if (task.kind === 'unknown') {
    return { kind: 'await', why: why('unknown-task', 'no such task', 'person', now) };
  }
  if (task.damage) return corrupt(task, task.damage);
  const step = plannedStep(task, now, policy, surroundings);
  const damage = step.kind === 'run' ? damageAround(step.job, surroundings) : null;
  if (damage) return corrupt(task, damage);
  return step.kind === 'await' && task.landed ? { ...step, hasLanded: true } : step;
}

/** What a new job would have to rely on and cannot. */
function damageAround(job: Job, { lane, policyDamage }: Surroundings): Damage | null {
  return policyDamage ?? (needsLane(job) ? (lane.damage ?? null) : null);
}

/** What a task waits for whose stream, or whose project's, cannot be relied on. */
export function corrupt({ stageSince }: SubmittedTask, damage: Damage): Step {
  return { kind: 'await', why: why('store-corrupt', damageText(damage), 'person', stageSince, damage.stream) };
}

function plannedStep(task: SubmittedTask, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  if (isFinal(task.stage)) return finished(task);
  if (task.claim) return claimed(task.claim, now, surroundings);
  // Whatever it would be, it would fail. A held one waits for its release all the same.
  if (surroundings.setAside && !task.hold) return setAside(task, surroundings.setAside);
  // An interrupted landing comes before everything, a hold included: main may already have moved.
  if (isRecoveryDue(task) && !surroundings.setAside)
    return afterDeferral(task, now, () => runJob(task, RECOVERY, surroundings));
  if (task.hold) {
    const { reason, by, detail, since, failure } = task.hold;
    const said = reason === 'person' ? `held by ${by}: ${detail}` : detail;
    const text = failure ? failureText(failure) : said;
    const more = { failure, remedy: remedyOfHold(task, task.hold) };
    return { kind: 'await', why: { ...why(`held:${reason}`, text, 'person', since), ...more } };
  }
  return afterDeferral(task, now, () => work(task, now, policy, surroundings));
}

function setAside(task: SubmittedTask, { cause, remedy: first, since }: SetAside): Step {
  const text = `${task.project} is set aside: ${cause}`;
  const reason = why('project-set-aside', text, 'person', since ?? task.stageSince, task.project);
  return { kind: 'await', why: { ...reason, remedy: remedyOfMissing(task, first) } };
}

/** True while the task has a use for its project's lane: nobody else may reap it then. */
export function wantsLane(task: Task, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): boolean {
  if (task.kind === 'unknown' || isFinal(task.stage)) return false;
  if (task.claim) return needsLane(task.claim.job);
  const { lane } = surroundings;
  const isMine = lane.holder?.taskId === task.id;
  const mine = {
    ...surroundings,
    // Its real grant, if it has one: while the lane is paused, the probe's alone is of use.
    lane: { ...lane, holder: isMine ? lane.holder : { taskId: task.id, epoch: '' }, nextInLine: null },
  };
  const step = nextStep(task, now, policy, mine);
  return step.kind === 'run' && needsLane(step.job);
}

const RECOVERY: Job = { kind: 'landing-recovery' };

function isRecoveryDue({ interruptedLanding }: SubmittedTask): boolean {
  return interruptedLanding !== null && !interruptedLanding.needsPerson;
}

/**
 * The job for which the task waits for its turn in the lane, now or when its deferral is over; null when it waits for
 * something else. Only an event changes that: neither the clock nor a policy nor a switch has a part in it.
 */
export function laneJob(task: Task): Job | null {
  if (task.kind === 'unknown' || isFinal(task.stage) || task.claim || task.damage) return null;
  if (isRecoveryDue(task)) return RECOVERY;
  return task.hold ? null : stageLaneJob(task);
}

function stageLaneJob(task: SubmittedTask): Job | null {
  if (isBehindOthers(task)) return null;
  if (task.stage === 'deploy' && !task.landed) return { kind: 'landing' };
  const job = jobFor(unansweredGate(task));
  return job && needsLane(job) ? job : null;
}

function finished(task: SubmittedTask): Step {
  return { kind: 'finished', why: why(task.stage, endOf(task), 'nobody', task.stageSince) };
}

function endOf({ stage, landed, lastReason }: SubmittedTask): string {
  if (stage !== 'done') return lastReason ?? stage;
  return landed ? `landed as ${landed.newOid}` : 'nothing to land: main has had every change';
}

function claimed(claim: OpenClaim, now: Instant, surroundings: Surroundings): Step {
  const reason = why('running', runningText(claim), ownerOf(claim), claim.since, claim.worker);
  if (!isOverdue(claim, now, surroundings)) return { kind: 'wait', until: claim.deadlineAt, why: reason };
  const command: TaskCommand = { type: 'ReapTransition', data: { claim: claim.token, reason: 'deadline' } };
  return { kind: 'decide', command, why: { ...reason, code: 'claim-expired' } };
}

function runningText({ job, token, worker, deadlineAt, outside }: OpenClaim): string {
  if (!outside) return `${jobName(job)} is running (claim ${token}, until ${deadlineAt})`;
  return `${worker} has taken ${jobName(job)} (claim ${token}, until ${deadlineAt} without a heartbeat, ${outside.endsAt} at most)`;
}

function ownerOf({ job, outside }: OpenClaim): NextActor {
  if (outside) return 'outside';
  return job.kind === 'agent' ? 'agent' : 'runner';
}

function afterDeferral(task: SubmittedTask, now: Instant, then: () => Step): Step {
  const { deferral } = task;
  if (!deferral || isWaitOver(deferral, now)) return then();
  const { failure } = task;
  const text = failure ? failureText(failure) : `${jobName(deferral.job)}: ${deferral.reason}`;
  const reason = why('deferred', text, 'runner', deferral.since, deferral.reason);
  return { kind: 'wait', until: deferral.until, why: { ...reason, failure } };
}

function work(task: SubmittedTask, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  const owed = owesGate(task, policy, now);
  if (owed) return askGate(task, owed.name, now, policy);
  if (isBehindOthers(task)) return waitForOthers(task);
  const inLane = stageLaneJob(task);
  if (inLane?.kind === 'deploy') return deployStep(task, now, policy, surroundings);
  if (inLane) return waitForLane(task, now, surroundings) ?? runJob(task, inLane, surroundings);
  switch (task.stage) {
    case 'created':
      // Never the whole stream: the intake gate is in the append of the submission. A look into the past may stop here.
      return blockedByGate(task, now, policy);
    case 'analysis':
    case 'architecture':
    case 'development':
    case 'review':
      return agentStage(task, task.stage, now, policy);
    case 'testing':
      return suiteAt('testing', policy)
        ? suiteStage(task, 'testing-suite', policy, surroundings)
        : byAgent(task, 'tester', policy);
    case 'deploy-staging':
      return nextGate(task, policy, now)?.name === 'check_staging_status'
        ? suiteStage(task, 'staging-suite', policy, surroundings)
        : gateJob(task, now, policy);
    case 'deploy':
      return gateJob(task, now, policy);
    case 'monitoring':
      return monitorStep(task, now, policy, surroundings);
    case 'done':
    case 'cancelled':
    case 'rejected':
      return finished(task);
    default:
      return unreachable(task.stage);
  }
}

/** What is tested at deploy-staging is to land: before that, what it builds on has to be on main. */
function isBehindOthers(task: SubmittedTask): boolean {
  return task.stage === 'deploy-staging' && openDependencies(task).length > 0;
}

function waitForOthers(task: SubmittedTask): Step {
  const on = openDependencies(task);
  const [first = '', ...others] = on;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const text = `${first}${more} has to land first: stagegate why ${first}`;
  return { kind: 'wait', until: null, on, why: why('dependency', text, 'queue', task.stageSince, first) };
}
