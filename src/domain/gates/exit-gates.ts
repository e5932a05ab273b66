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
import { isNewWork, type SubmittedTask } from '../task/task.state';
import { fail, hold, NOT_CONFIGURED, notReady, pass, type Gate, type GateResult } from './gate';
import { intakeGate } from './intake.gate';
import { mergeGate } from './merge.gate';
import { stagingGate } from './staging.gate';

/** Every exit gate, by name. Adding one is a function and a row here. */
export const EXIT_GATES: Readonly<Record<GateName, Gate>> = {
  intake: intakeGate,
  check_analysis_ready: gate('check_analysis_ready', verdictOf('analysis')),
  check_architecture_ready: gate('check_architecture_ready', verdictOf('architecture')),
  check_ci_green: gate('check_ci_green', (task) =>
    isNewWork(task, task.headOid) ? NOT_CONFIGURED : notReady('no new commit on the branch'),
  ),
  check_review_approved: gate('check_review_approved', verdictOf('review')),
  check_tests_passed: gate('check_tests_passed', verdictOf('testing')),
  check_staging_status: stagingGate,
  check_branch_mergeable: mergeGate,
  check_security: gate('check_security', () => NOT_CONFIGURED),
  check_coverage: gate('check_coverage', () => NOT_CONFIGURED),
  check_image_fresh: gate('check_image_fresh', () => NOT_CONFIGURED),
  check_deploy_status: gate('check_deploy_status', (task) =>
    task.landed ? NOT_CONFIGURED : notReady('not landed yet'),
  ),
  check_monitor_healthy: gate('check_monitor_healthy', () => NOT_CONFIGURED),
};

/**
 * The first gate that has not let the task through yet: an exit gate of its stage, or, before main moves, one that is
 * required and lies behind it (the policy has changed since, or the task entered after it).
 */
export function nextGate(task: SubmittedTask, policy: ProjectPolicy): Gate | null {
  const row = rowOfTask(task);
  if (!row) return null;
  const name = [...requiredBehind(task, policy), ...row.gates].find((gate) => !letsThrough(task, policy, gate));
  return name ? EXIT_GATES[name] : null;
}

/**
 * The only answer to "does this gate let the task through": it said `pass`, or it is not configured and nobody requires
 * it. That a person lifted a hold is no answer. A recorded override, once there is one, belongs here and nowhere else.
 */
export function letsThrough(task: SubmittedTask, { requiredGates }: ProjectPolicy, gate: GateName): boolean {
  if (task.gatesPassed.includes(gate)) return true;
  return task.gatesUnconfigured.includes(gate) && !requiredGates.includes(gate);
}

/** A gate the task would have to pass and has got past or been let to without: the policy says more now than it did then. */
export function owesGate(task: SubmittedTask, policy: ProjectPolicy): Gate | null {
  const gate = nextGate(task, policy);
  if (!gate) return null;
  return isBehind(task, gate.name) || task.gatesUnconfigured.includes(gate.name) ? gate : null;
}

/** True for a gate of an earlier stage: nothing will bring its evidence any more. */
export function isBehind(task: SubmittedTask, gate: GateName): boolean {
  return rowOfTask(task)?.gates.includes(gate) === false;
}

/** The first exit gate of the task's stage that has not been answered. Needs no policy, and says so little about it. */
export function unansweredGate({ gatesPassed, gatesUnconfigured, stage }: SubmittedTask): GateName | null {
  const gates = isFinal(stage) ? [] : rowOf(stage).gates;
  return gates.find((gate) => !gatesPassed.includes(gate) && !gatesUnconfigured.includes(gate)) ?? null;
}

/** Between deploy's entry and the landing everything that is required has to be there; afterwards main has moved anyway. */
function requiredBehind({ stage, landed }: SubmittedTask, { requiredGates }: ProjectPolicy): readonly GateName[] {
  if (stage !== 'deploy' || landed) return [];
  return GATES_IN_ORDER.filter((gate) => requiredGates.includes(gate) && comesAfter(stage, stageOf(gate)));
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
