import { isBehind, letsThrough, nextGate, rowOfTask } from '../gates/exit-gates';
import type { Gate, GateResult } from '../gates/gate';
import { SERVICE } from '../authority/principal';
import { unreachable } from '../fact';
import { budgetState } from './budgets/budgets';
import type { Draft } from './decide/draft';
import { failureBehind } from './changes/failure';
import { failureText } from './words/failure-words';
import { jobKey, type Job } from './job';
import { JOBS } from './job-table';
import { comesAfter, nextStage, stagesBetween, type StageRow, type WorkStage } from './pipeline';
import { remedyOfHold, remedyOfSentBack } from './words/remedies';
import type { BudgetKey, HoldReason } from './task.events';
import { detailText } from './words/why-lines';

export const DEVELOPER_BUDGET: BudgetKey = { budget: 'developer', key: 'task' };

/**
 * Lets the task go as far as its recorded evidence carries it: evaluates exit gates in order, advances, sends back or
 * holds. Stops at the first gate that needs something that is not in the log, and does nothing while the task is held.
 */
export function settle(draft: Draft): void {
  for (;;) {
    const { task } = draft;
    const row = rowOfTask(task);
    if (!row || task.hold || task.claim || task.interruptedLanding) return;
    if (task.nothingToLand) {
      leavePipeline(draft, row.stage);
      return;
    }
    const gate = nextGate(task, draft.context.policy);
    if (!gate) advance(draft, row.stage);
    else if (!judge(draft, row, gate)) return;
  }
}

/** @returns false when the task cannot go on from here by what is recorded. */
function judge(draft: Draft, row: StageRow, gate: Gate): boolean {
  const { policy } = draft.context;
  const result = gate.evaluate(draft.task, policy);
  if (result.kind === 'not-ready') {
    // Its stage is over or was skipped, so nothing will bring its evidence.
    if (isBehind(draft.task, gate.name)) hold(draft, 'gate', `gate ${gate.name} is required and was skipped`);
    return false;
  }
  draft.add(evaluated(gate, result));
  switch (result.kind) {
    case 'pass':
      return true;
    case 'not-configured':
      if (letsThrough(draft.task, policy, gate.name)) return true;
      hold(draft, 'gate', `gate ${gate.name} is required and not configured`);
      return false;
    case 'hold':
      holdOrSendBack(draft, row, gate, result.reason);
      return false;
    case 'fail':
      onGateFailed(draft, row, gate, result.reason);
      return false;
    default:
      return unreachable(result);
  }
}

function evaluated(gate: Gate, result: Exclude<GateResult, { kind: 'not-ready' }>) {
  return {
    type: 'GateEvaluated' as const,
    data: {
      gate: gate.name,
      rule: gate.name,
      ruleVersion: gate.version,
      result: result.kind,
      reason: 'reason' in result ? result.reason : null,
      evidence: 'evidence' in result ? result.evidence : {},
    },
  };
}

/** A gate's hold. Only an exhausted infra budget may, by policy, send the task back instead; that spends nothing. */
function holdOrSendBack(draft: Draft, row: StageRow, gate: Gate, reason: string): void {
  const { task, context } = draft;
  const job = task.exhausted;
  // With retries switched off the budget never was used up: somebody wants to look at every single failure.
  const retrySwitch = job && JOBS[job.kind].retrySwitch;
  const isWatched = retrySwitch && !context.surroundings.switches[retrySwitch];
  if (reason === 'infra-exhausted' && context.policy.onInfraExhausted === 'rollback' && !isWatched) {
    draft.add({ type: 'StageRolledBack', data: { from: row.stage, to: 'development', reason, spends: null } });
    const failure = draft.task.sentBack?.failure ?? null;
    const remedy = remedyOfSentBack(draft.task, 'retry');
    const title = `Task ${draft.task.id} was sent back by infrastructure: nothing is known about its commit`;
    alert(draft, 'critical', title, detailText({ text: reason, failure, remedy }));
    return;
  }
  const held: HoldReason = reason === 'infra-exhausted' || reason === 'inconclusive' ? reason : 'gate';
  hold(draft, held, `gate ${gate.name}: ${reason}`, job ? { budget: { budget: 'infra', key: jobKey(job) }, job } : {});
}

function onGateFailed(draft: Draft, row: StageRow, gate: Gate, reason: string): void {
  const action = row.onGateFailed;
  switch (action.to) {
    case 'rejected':
      draft.add({ type: 'TaskRejected', data: { reason } });
      return;
    case 'hold':
      hold(draft, 'gate', `gate ${gate.name}: ${reason}`);
      return;
    case 'same-stage':
      retrySameStage(draft, row.stage, action.budget, reason);
      return;
    case 'development':
      sendBack(draft, row.stage, reason);
      return;
    default:
      unreachable(action);
  }
}

/** The stage's producer said no: its verdict is dropped and it runs again, within the budget. */
function retrySameStage(draft: Draft, stage: WorkStage, budget: 'agent' | 'developer', reason: string): void {
  const key: BudgetKey = budget === 'agent' ? { budget, key: stage } : DEVELOPER_BUDGET;
  const { left, spent, limit } = budgetState(draft.task, draft.context.policy, key);
  draft.add({ type: 'VerdictVoided', data: { stage, by: SERVICE.name, reason, spends: left ? key : null } });
  if (left) return;
  if (budget === 'developer') draft.add({ type: 'DeveloperRetriesExhausted', data: { spent, limit } });
  const detail = `${stage} failed ${spent + 1} times (limit ${limit} retries): ${reason}`;
  hold(draft, `${budget}-retries-exhausted`, detail, { budget: key });
}

/** A red or a conflict: the change goes back to development, at the price of a developer retry. */
export function sendBack(draft: Draft, from: WorkStage, reason: string): void {
  const { left, spent, limit } = budgetState(draft.task, draft.context.policy, DEVELOPER_BUDGET);
  if (!left) draft.add({ type: 'DeveloperRetriesExhausted', data: { spent, limit } });
  draft.add({
    type: 'StageRolledBack',
    data: { from, to: 'development', reason, spends: left ? DEVELOPER_BUDGET : null },
  });
  if (!left) {
    const detail = `${reason} after ${limit} developer retries`;
    hold(draft, 'developer-retries-exhausted', detail, { budget: DEVELOPER_BUDGET });
  }
}

/** What stands behind a hold: the budget that its release renews, and the job that cannot go on. */
interface HoldCause {
  readonly budget?: BudgetKey | null;
  readonly job?: Job;
}

/** Holds the task for a person and raises the one alert that belongs to the hold. */
export function hold(draft: Draft, reason: HoldReason, detail: string, { budget = null, job }: HoldCause = {}): void {
  const failure = failureBehind(draft.task, reason, budget);
  const text = failure ? failureText(failure) : detail;
  draft.add({ type: 'TaskHeld', data: { reason, by: SERVICE.name, detail: text, budget, ...(job ? { job } : {}) } });
  const held = draft.task.hold;
  const remedy = held && remedyOfHold(draft.task, held);
  alert(draft, 'critical', `Task ${draft.task.id} needs a person: ${reason}`, detailText({ text, failure, remedy }));
}

/** The key names the event before it, so that the same incident never alerts twice and the next one does. */
export function alert(draft: Draft, severity: 'warning' | 'critical', title: string, detail: string): void {
  const key = `${draft.task.id}@${draft.task.revision}`;
  draft.add({ type: 'AlertRaised', data: { key, severity, title, detail } });
}

function advance(draft: Draft, from: WorkStage): void {
  const { startStage } = draft.task;
  const entersLate = from === 'created' || from === 'development';
  const next = nextStage(from);
  const to = entersLate && comesAfter(startStage, next) ? startStage : next;
  draft.add(
    ...stagesBetween(from, to).map((stage) => ({
      type: 'StageSkipped' as const,
      data: { stage, reason: `entered at ${startStage}` },
    })),
    { type: 'StageAdvanced', data: { from, to } },
  );
}

function leavePipeline(draft: Draft, from: WorkStage): void {
  draft.add(
    ...stagesBetween(from, 'done').map((stage) => ({
      type: 'StageSkipped' as const,
      data: { stage, reason: 'nothing to land' },
    })),
    { type: 'StageAdvanced', data: { from, to: 'done' } },
  );
}
