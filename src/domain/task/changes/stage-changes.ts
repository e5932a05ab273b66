import type { Instant } from '../../instant';
import { comesAfter, isFinal, rowOf, stageOf, type GateName, type PipelineStage } from '../pipeline';
import { forgetInfra } from '../budgets/spending';
import type { TaskEventData } from '../task.events';
import type { SentBack, SubmittedTask } from '../task.state';

/** What an event changes of a task. */
export type Change = Partial<Omit<SubmittedTask, 'revision' | 'kind'>>;

export function enter(task: SubmittedTask, stage: SubmittedTask['stage'], at: Instant): Change {
  const leaving = isFinal(stage) ? { interruptedLanding: null } : {};
  return {
    stage,
    stageSince: at,
    gatesPassed: isFinal(stage) ? [] : gatesBefore(task.gatesPassed, stage),
    gatesUnconfigured: [],
    gatesOverridden: isFinal(stage) ? [] : gatesBefore(task.gatesOverridden, stage),
    claim: null,
    sentBack: null,
    deferral: null,
    exhausted: null,
    runnerUnavailable: false,
    deployBegun: null,
    monitor: null,
    ...leaving,
  };
}

/** What let the task through up to a stage. A gate that is behind it may still be asked for before main moves. */
export function gatesBefore(gates: readonly GateName[], stage: PipelineStage): readonly GateName[] {
  return gates.filter((gate) => comesAfter(stage, stageOf(gate)));
}

export function headMoved(task: SubmittedTask, data: TaskEventData['HeadMoved'], at: Instant): Change {
  const claim = data.voidedClaim === null ? task.claim : null;
  if (isFinal(task.stage) || !comesAfter(task.stage, 'development')) return { headOid: data.to, claim };
  return {
    headOid: data.to,
    ...enter(task, 'development', at),
    developedFrom: data.from,
    verdicts: upToDevelopment(task),
    merge: null,
    redOnce: null,
    evidence: {},
    nothingToLand: false,
    lockBusySince: null,
    spent: forgetInfra(task.spent, 'every job'),
  };
}

export function sentBack(task: SubmittedTask, { from, reason, gate }: TaskEventData['StageRolledBack']): SentBack {
  const { failure, merge } = task;
  const paths = failure?.class === 'conflict' && merge?.rebase === 'conflict' ? merge.conflictPaths : [];
  // In the order of their names, as states are stored.
  return { ...(paths.length > 0 ? { conflictPaths: paths } : {}), failure, from, ...(gate ? { gate } : {}), reason };
}

/** As development is left: more commits beside a rework are no other one. */
export function reworked(task: SubmittedTask): SubmittedTask['reworked'] {
  const { artifacts, developedFrom, sentBack: back } = task;
  if (!back) return task.reworked;
  const report = artifacts[rowOf(back.from).artifact?.file ?? '']?.at(-1);
  return { headOid: developedFrom, ...(report === undefined ? {} : { report }), sentBack: back };
}

/** Verdicts of the stages before development survive a rework; everything after it was about another head. */
export function upToDevelopment(task: SubmittedTask): SubmittedTask['verdicts'] {
  const kept = Object.entries(task.verdicts).filter(([stage]) => !comesAfter(stage as PipelineStage, 'development'));
  return Object.fromEntries(kept);
}
