import type { Instant } from '../instant';
import type { ProjectPolicy } from '../policy/project-policy';
import {
  comesAfter,
  isFinal,
  rowOf,
  stageOf,
  STAGE_TRANSITIONS,
  type GateName,
  type StageRow,
  type WorkStage,
} from '../task/pipeline';
import { jobFor } from '../task/job';
import { JOBS } from '../task/job-table';
import { isNewWork, type Override, type SubmittedTask } from '../task/task.state';
import { ciGate } from './ci.gate';
import { coverageGate } from './coverage/coverage.gate';
import { deployGate } from './deploy.gate';
import { fail, hold, notReady, pass, type Gate, type GateResult } from './gate';
import { imageGate } from './image/image.gate';
import { intakeGate } from './intake.gate';
import { judgeGate } from './judge/judge.gate';
import { mergeGate } from './merge.gate';
import { monitorGate } from './monitor.gate';
import { firstOver, liveOverride, waivedPaths } from './overrides';
import { revertGate } from './revert/revert.gate';
import { securityGate } from './security/security.gate';
import { stagingGate } from './staging.gate';

/** Every exit gate, by name. Adding one is a function and a row here. */
export const EXIT_GATES: Readonly<Record<GateName, Gate>> = {
  intake: intakeGate,
  check_analysis_ready: gate('check_analysis_ready', verdictOf('analysis')),
  check_architecture_ready: gate('check_architecture_ready', verdictOf('architecture')),
  check_ci_green: ciGate,
  check_review_approved: gate('check_review_approved', verdictOf('review')),
  check_tests_passed: gate('check_tests_passed', verdictOf('testing')),
  check_staging_status: stagingGate,
  check_branch_mergeable: mergeGate,
  check_no_silent_revert: revertGate,
  check_tests_not_weakened: judgeGate,
  check_security: securityGate,
  check_coverage: coverageGate,
  check_image_fresh: imageGate,
  check_deploy_status: deployGate,
  check_monitor_healthy: monitorGate,
};

/**
 * The first gate that has not let the task through yet: an exit gate of its stage, or, before main moves, one that is
 * required and lies behind it (the policy has changed since, or the task entered after it).
 */
export function nextGate(task: SubmittedTask, policy: ProjectPolicy, at: Instant): Gate | null {
  const row = rowOfTask(task);
  if (!row) return null;
  const name = [...requiredBehind(task, policy), ...row.gates].find((gate) => !letsThrough(task, policy, gate, at));
  return name ? EXIT_GATES[name] : null;
}

/**
 * The only answer to "does this gate let the task through": it said `pass`, a recorded override that still counts let it
 * pass, or it is not configured and nobody requires it. That a person lifted a hold is no answer.
 */
export function letsThrough(task: SubmittedTask, policy: ProjectPolicy, gate: GateName, at: Instant): boolean {
  if (task.gatesPassed.includes(gate)) return true;
  if (task.gatesOverridden.includes(gate) && passageFor(task, gate, policy, at)) return true;
  const { requiredGates } = policy;
  return task.gatesUnconfigured.includes(gate) && !requiredGates.includes(gate);
}

/** By what a gate passes that does not pass by itself. */
export interface Passage {
  /** Of several the one that is over first. */
  readonly override: Override;
  /** The paths that are taken out, each with what lets it pass; null where the whole gate is overridden. */
  readonly waived: ReadonlyMap<string, Override> | null;
}

/** The record by which the gate passes at that time: for the whole gate, or for so many paths that nothing is left against the change. */
export function passageFor(task: SubmittedTask, name: GateName, policy: ProjectPolicy, at: Instant): Passage | null {
  const whole = liveOverride(task, name, at);
  if (whole) return { override: whole, waived: null };
  if (!task.overrides.some(({ gate, paths }) => gate === name && paths !== null)) return null;
  const gate = EXIT_GATES[name];
  const result = gate.evaluate(task, policy);
  if (result.kind !== 'fail' && result.kind !== 'hold') return null;
  const against = result.paths ?? [];
  const waived = waivedPaths(task, name, at, against);
  const override = firstOver([...waived.values()]);
  if (!override) return null;
  const isMet = gate.isMetWithout?.(task, new Set(waived.keys())) ?? against.every((path) => waived.has(path));
  return isMet ? { override, waived } : null;
}

/**
 * A gate that has to be asked now, without anything new about the change: the policy says more than it did when the task got
 * past it, or no longer has what its job would run, its override counts no more, or one counts by which it passes.
 */
export function owesGate(task: SubmittedTask, policy: ProjectPolicy, at: Instant): Gate | null {
  const gate = nextGate(task, policy, at);
  if (!gate) return null;
  const isAnswered = task.gatesUnconfigured.includes(gate.name) || task.gatesOverridden.includes(gate.name);
  const isOwed = isBehind(task, gate.name) || isAnswered || passageFor(task, gate.name, policy, at) !== null;
  if (isOwed || hasNoJobLeft(task, policy, gate)) return gate;
  return awaitsCi(task, gate) && gate.evaluate(task, policy).kind !== 'not-ready' ? gate : null;
}

/** The developer's work is done, and CI has the word. What the policy demands of it may change meanwhile. */
export function awaitsCi(task: SubmittedTask, { name }: Pick<Gate, 'name'>): boolean {
  return name === 'check_ci_green' && !task.failure && isNewWork(task, task.headOid);
}

function hasNoJobLeft(task: SubmittedTask, policy: ProjectPolicy, gate: Gate): boolean {
  const job = jobFor(gate.name);
  return job !== null && JOBS[job.kind].report !== null && gate.evaluate(task, policy).kind === 'not-configured';
}

/** True for a gate of an earlier stage: nothing will bring its evidence any more. */
export function isBehind(task: SubmittedTask, gate: GateName): boolean {
  return rowOfTask(task)?.gates.includes(gate) === false;
}

/** The first exit gate of the task's stage that has not been answered. Needs no policy, and says so little about it. */
export function unansweredGate(task: SubmittedTask): GateName | null {
  const { gatesPassed, gatesUnconfigured, gatesOverridden, stage } = task;
  const gates = isFinal(stage) ? [] : rowOf(stage).gates;
  const isOpen = (gate: GateName) => !gatesPassed.includes(gate) && !gatesUnconfigured.includes(gate);
  return gates.find((gate) => isOpen(gate) && !gatesOverridden.includes(gate)) ?? null;
}

/**
 * Between deploy's entry and the landing everything that is required has to be there, and every override has to count still;
 * afterwards main has moved anyway.
 */
function requiredBehind(task: SubmittedTask, { requiredGates }: ProjectPolicy): readonly GateName[] {
  const { stage, landed, gatesOverridden } = task;
  if (stage !== 'deploy' || landed) return [];
  const isAsked = (gate: GateName) => requiredGates.includes(gate) || gatesOverridden.includes(gate);
  return GATES_IN_ORDER.filter((gate) => isAsked(gate) && comesAfter(stage, stageOf(gate)));
}

const GATES_IN_ORDER: readonly GateName[] = STAGE_TRANSITIONS.flatMap(({ gates }) => gates);

export function rowOfTask(task: SubmittedTask): StageRow | null {
  const { stage } = task;
  return stage === 'done' || stage === 'cancelled' || stage === 'rejected' ? null : rowOf(stage);
}

function gate(name: GateName, evaluate: Gate['evaluate']): Gate {
  return { name, version: 1, evaluate };
}

function verdictOf(stage: WorkStage): Gate['evaluate'] {
  return (task): GateResult => {
    const verdict = task.verdicts[stage];
    if (!verdict) return notReady(`no verdict for ${stage} yet`);
    const evidence = { verdict: verdict.revision, status: verdict.status, runId: verdict.runId };
    // What was found out before development holds for the branch, not for one head of it.
    const isBound = comesAfter(stage, 'development');
    if (isBound && verdict.subjectOid !== task.headOid) return notReady('the verdict is about another head');
    if (verdict.cause) return hold(verdict.cause, evidence);
    return verdict.passed ? pass(evidence) : fail(verdict.status, evidence);
  };
}
