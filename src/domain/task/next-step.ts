import { ciStandings } from '../gates/ci.gate';
import { awaitsCi, EXIT_GATES, nextGate, owesGate, unansweredGate, overrideFor } from '../gates/exit-gates';
import { damageText, type Damage } from '../damage';
import { isProbeDue } from '../lane/pause';
import { pauseText, resumeCommand } from '../lane/pause-words';
import { unreachable } from '../fact';
import type { TaskId } from '../ids';
import { isWaitOver, type Instant } from '../instant';
import type { CiPolicy, ProjectPolicy } from '../policy/project-policy';
import { placeText } from '../turn';
import { openDependencies } from './dependencies';
import { jobFor, jobName, needsLane, suiteAt, type Job, type PlainKind } from './job';
import { JOBS } from './job-table';
import { nextPoll, windowText } from './monitor';
import { isAgentRole, isFinal, rowOf, type AgentRole, type GateName, type WorkStage } from './pipeline';
import type { LaneView, SetAside, Surroundings, TaskCommand } from './task.commands';
import { failureText } from './words/failure-words';
import {
  remedyOfCheck,
  remedyOfGate,
  remedyOfHold,
  remedyOfMissing,
  remedyOfSentBack,
  type Remedy,
} from './words/remedies';
import { isOverdue, isUntested, type Failure, type OpenClaim, type SubmittedTask, type Task } from './task.state';

/** Who has to move next. */
export type NextActor = 'person' | 'agent' | 'runner' | 'queue' | 'outside' | 'nobody';

/** Why a task stands where it stands; shown as it is. */
export interface Why {
  readonly code: string;
  readonly text: string;
  readonly actor: NextActor;
  readonly since: Instant;
  /** What it waits for, where that has a name: a task, a worker, a branch. */
  readonly blockedBy: string | null;
  /** The failure behind it, if there is one; `text` says the same in a line. */
  readonly failure: Failure | null;
  /** What a person can do, where one has to. */
  readonly remedy: Remedy | null;
}

export type Step =
  | { readonly kind: 'run'; readonly job: Job; readonly why: Why }
  | { readonly kind: 'decide'; readonly command: TaskCommand; readonly why: Why }
  /** `on`: other tasks, whose end is what it waits for. */
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly why: Why; readonly on?: readonly TaskId[] }
  /** `offer`: what an outside worker may take. `hasLanded`: nobody can cancel it any more. */
  | { readonly kind: 'await'; readonly why: Why; readonly offer?: Job; readonly hasLanded?: true }
  | { readonly kind: 'finished'; readonly why: Why };

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

/** What lets a gate through, or no more, has changed, and nothing about the change has: it is asked again. */
function askGate(task: SubmittedTask, gate: GateName, now: Instant, policy: ProjectPolicy): Step {
  return { kind: 'decide', command: { type: 'EvaluateGates', data: {} }, why: whyAsked(task, gate, now, policy) };
}

function whyAsked(task: SubmittedTask, gate: GateName, now: Instant, policy: ProjectPolicy): Why {
  const since = task.stageSince;
  if (overrideFor(task, gate, policy, now))
    return why('gate-overridden', `gate ${gate} is overridden`, 'queue', since, gate);
  if (task.gatesOverridden.includes(gate))
    return why('override-over', `the override of gate ${gate} counts no more`, 'queue', since, gate);
  return why('gate-required', `gate ${gate} is required by now and has not passed`, 'queue', since, gate);
}

/** The command may have been taken out of the project file, or switched off, since the task came here. One that has begun is asked about. */
function deployStep(task: SubmittedTask, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  if (!policy.deploy || task.deployBegun) return askGate(task, 'check_deploy_status', now, policy);
  const isOff = switchedOff(task, 'deploy', surroundings);
  return isOff ?? waitForLane(task, now, surroundings) ?? runJob(task, { kind: 'deploy' }, surroundings);
}

/**
 * A breaker has paused the lane: nothing is spent and nothing goes back meanwhile. Null where the task is the one that finds
 * out whether the lane works again, or may become it.
 */
function waitForLane(task: SubmittedTask, now: Instant, { lane, switches }: Surroundings): Step | null {
  const { pause, holder } = lane;
  if (!pause || !switches.laneBreaker) return null;
  if (holder?.taskId === task.id ? holder.epoch === pause.probe : isProbeDue(pause, now)) return null;
  const prober = pause.probe !== null && holder?.epoch === pause.probe ? holder.taskId : null;
  const text = `${pauseText(task.project, pause, prober)}${placeIn(lane)}`;
  const reason = why('lane-paused', text, 'queue', pause.since, prober ?? task.project);
  const remedy = remedyOfMissing(task, `put the machine right; ${resumeCommand(task.project)} resumes at once`);
  return { kind: 'wait', until: prober === null ? pause.probeAt : null, why: { ...reason, remedy } };
}

/** Between two polls nothing is held: the log says when the next one is due. */
function monitorStep(task: SubmittedTask, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  const { monitor } = policy;
  if (!monitor) return askGate(task, 'check_monitor_healthy', now, policy);
  const off = switchedOff(task, 'monitor-poll', surroundings);
  if (off) return off;
  const next = nextPoll(task, monitor);
  if (isWaitOver(next, now)) return runJob(task, { kind: 'monitor-poll' }, null);
  const text = `next poll at ${next.until}, ${windowText(task.monitor, monitor)}`;
  return { kind: 'wait', until: next.until, why: why('monitoring', text, 'runner', task.stageSince) };
}

/** What a job of a landed task waits for whose switch is off; null where it is on. */
function switchedOff(task: SubmittedTask, kind: PlainKind, { switches }: Surroundings): Step | null {
  const { switchedBy, gate } = JOBS[kind];
  if (!switchedBy || !gate || switches[switchedBy]) return null;
  const text = `${switchedBy} is switched off for this project, and the task has landed`;
  const on = `stagegate switch ${switchedBy} on --project ${task.project} --reason TEXT`;
  const remedy = { ...remedyOfGate(task, gate), first: on };
  const said = [text, 'person', task.stageSince, gate] as const;
  const reason = kind === 'deploy' ? why('deploy-switched-off', ...said) : why('monitor-switched-off', ...said);
  return { kind: 'await', why: { ...reason, remedy } };
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

function agentStage(task: SubmittedTask, stage: WorkStage, now: Instant, policy: ProjectPolicy): Step {
  const { producer: role } = rowOf(stage);
  if (stage === 'development' && policy.ci && awaitsCi(task, EXIT_GATES.check_ci_green))
    return awaitCi(task, policy.ci);
  return isAgentRole(role) ? byAgent(task, role, policy) : blockedByGate(task, now, policy);
}

function byAgent(task: SubmittedTask, role: AgentRole, policy: ProjectPolicy): Step {
  const { stage } = task;
  // Nothing is known against this commit, so there is nothing to repair: asking a developer would only cost.
  if (stage === 'development' && isUntested(task)) return untested(task);
  if (policy.agents[role]) return runJob(task, { kind: 'agent', role }, null);
  const failure = task.sentBack?.failure ?? null;
  const missed = `no ${role} agent is configured for ${task.project}`;
  const text = failure ? failureText(failure) : (refusedBy(task) ?? missed);
  const reason = why(`no-agent:${role}`, text, 'person', task.stageSince, task.branch);
  const missing = `configure agents.${role} in the project file and restart the service`;
  const remedy = stage === 'development' ? remedyOfSentBack(task, 'push') : remedyOfMissing(task, missing);
  return offered(role, { ...reason, failure, remedy });
}

/** What a gate that judges by no job of ours has said of the commit. */
function refusedBy({ stage, sentBack }: SubmittedTask): string | null {
  return stage === 'development' && sentBack?.gate ? `${sentBack.gate}: ${sentBack.reason}` : null;
}

/** Nobody is configured to do it, so whoever asks for it may. */
function offered(role: AgentRole, reason: Why & { readonly remedy: Remedy }): Step {
  const remedy = { ...reason.remedy, isOffered: true };
  return { kind: 'await', why: { ...reason, remedy }, offer: { kind: 'agent', role } };
}

function untested(task: SubmittedTask): Step {
  const failure = task.sentBack?.failure ?? null;
  const cause = failure ? failureText(failure) : 'infrastructure failed';
  const text = `${cause}; nothing is known about the commit`;
  const reason = why('untested', text, 'person', task.stageSince, task.branch);
  return { kind: 'await', why: { ...reason, failure, remedy: remedyOfSentBack(task, 'retry') } };
}

/** By the runner, or by the agent who stands in where that is switched off or cannot be had. */
function suiteStage(task: SubmittedTask, kind: PlainKind, policy: ProjectPolicy, { switches }: Surroundings): Step {
  const { verdict } = JOBS[kind];
  if (verdict === null) throw new Error(`${kind} makes no verdict`);
  const { switchedBy, stage } = verdict;
  const { producer, fallback } = rowOf(stage);
  const hasAgent = fallback !== null && policy.agents[fallback] !== undefined;
  const isReplaced = task.runnerUnavailable && hasAgent;
  if (switches[switchedBy] && !isReplaced) return runJob(task, { kind }, null);
  if (hasAgent) return runJob(task, { kind: 'agent', role: fallback }, null);
  const text = `the ${producer} is switched off for this project and no ${fallback} agent is configured`;
  const on = `stagegate switch ${switchedBy} on --project ${task.project} --reason TEXT`;
  const remedy = remedyOfMissing(task, `${on}, or configure agents.${fallback}`);
  const said = [text, 'person', task.stageSince] as const;
  const reason = stage === 'testing' ? why('testing-switched-off', ...said) : why('staging-switched-off', ...said);
  return fallback === null ? { kind: 'await', why: { ...reason, remedy } } : offered(fallback, { ...reason, remedy });
}

/** Surroundings are needed for jobs that hold the lane only. */
function runJob(task: SubmittedTask, job: Job, surroundings: Surroundings | null): Step {
  const lane = needsLane(job) ? surroundings?.lane : null;
  const holder = lane?.holder;
  if (holder && holder.taskId !== task.id) {
    const text = `the lane of ${task.project} is held by ${holder.taskId}${placeIn(lane)}`;
    return { kind: 'wait', until: null, why: why('lane-busy', text, 'queue', task.stageSince, holder.taskId) };
  }
  if (lane && !holder && lane.nextInLine !== null && lane.nextInLine !== task.id) {
    const text = `${lane.nextInLine} is before this task in the lane of ${task.project}${placeIn(lane)}`;
    return { kind: 'wait', until: null, why: why('lane-queue', text, 'queue', task.stageSince, lane.nextInLine) };
  }
  const actor = job.kind === 'agent' ? 'agent' : 'runner';
  return { kind: 'run', job, why: why('ready', `${jobName(job)} can start`, actor, task.stageSince) };
}

function placeIn({ ahead }: LaneView): string {
  return typeof ahead === 'number' ? `; ${placeText(ahead)}` : '';
}

/** The job for the next gate, where there is one. Those that need the lane have been looked for before. */
function gateJob(task: SubmittedTask, now: Instant, policy: ProjectPolicy): Step {
  const job = jobFor(unansweredGate(task));
  return job ? runJob(task, job, null) : blockedByGate(task, now, policy);
}

/** The developer's work is done. Which check is missing, and how its result is brought. */
function awaitCi(task: SubmittedTask, ci: CiPolicy): Step {
  const gate = 'check_ci_green';
  const waiting = ciStandings(task, ci).flatMap((each) => (each.kind === 'waiting' ? [each] : []));
  const text = `gate ${gate} waits for CI: ${waiting.map(({ name, is }) => `${name} ${is}`).join(', ')}`;
  const reason = why(`gate:${gate}`, text, 'outside', task.stageSince, waiting[0]?.name ?? gate);
  return { kind: 'await', why: { ...reason, remedy: remedyOfCheck(task, gate, waiting[0]?.name ?? '') } };
}

function blockedByGate(task: SubmittedTask, now: Instant, policy: ProjectPolicy): Step {
  const gate = nextGate(task, policy, now)?.name ?? null;
  const name = gate ?? 'none';
  const reason = why(`gate:${name}`, `gate ${name} waits for evidence`, 'outside', task.stageSince, name);
  return { kind: 'await', why: { ...reason, remedy: gate && remedyOfGate(task, gate) } };
}

function why(code: string, text: string, actor: NextActor, since: Instant, blockedBy: string | null = null): Why {
  return { code, text, actor, since, blockedBy, failure: null, remedy: null };
}
