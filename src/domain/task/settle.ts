import { heldTitle, sentBackTitle } from '../alerts/alert-kind';
import { revokedCi } from '../gates/ci.gate';
import { EXIT_GATES, isBehind, letsThrough, nextGate, passageFor, rowOfTask, type Passage } from '../gates/exit-gates';
import type { Gate, GateResult } from '../gates/gate';
import { liveOverride } from '../gates/overrides';
import { SERVICE } from '../authority/principal';
import { unreachable } from '../fact';
import type { JsonObject } from '../json';
import { plusMs } from '../instant';
import { backoffMs, type ProjectPolicy } from '../policy/project-policy';
import { budgetState } from './budgets/budgets';
import type { Draft } from './decide/draft';
import { failureBehind } from './changes/failure';
import { OVERRIDDEN } from './changes/gate-changes';
import { failureText } from './words/failure-words';
import { jobFor, jobKey, type Job } from './job';
import { JOBS } from './job-table';
import {
  comesAfter,
  nextStage,
  stageOf,
  stagesBetween,
  type GateName,
  type StageRow,
  type WorkStage,
} from './pipeline';
import { remedyOfHold, remedyOfSentBack } from './words/remedies';
import type { BudgetKey, HoldReason } from './task.events';
import type { Override } from './task.state';
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
    if (takesBack(draft)) return;
    const gate = nextGate(task, draft.context.policy, draft.context.at);
    if (!gate) advance(draft, row.stage);
    else if (!judge(draft, row, gate)) return;
  }
}

/**
 * CI has taken back what let the commit out of development: it goes back there, at nobody's cost, and a person looks. What later
 * stages found out about the commit stays.
 */
function takesBack(draft: Draft): boolean {
  const { task, context } = draft;
  const { name, version } = EXIT_GATES.check_ci_green;
  const result = revokedCi(task, context.policy);
  if (result?.kind !== 'hold' || liveOverride(task, name, context.at)) return false;
  const { reason, detail = reason } = result;
  draft.add(evaluated({ name, version }, result), {
    type: 'VerdictVoided',
    data: { stage: stageOf(name), by: SERVICE.name, reason, spends: null },
  });
  hold(draft, 'inconclusive', `gate ${name}: ${detail}`, { gate: name });
  return true;
}

/** @returns false when the task cannot go on from here by what is recorded. */
function judge(draft: Draft, row: StageRow, gate: Gate): boolean {
  const { policy, at } = draft.context;
  const result = gate.evaluate(draft.task, policy);
  const passage = passesByItself(gate, result, policy) ? null : passageFor(draft.task, gate.name, policy, at);
  if (passage) {
    draft.add(evaluated(gate, passedBy(passage, result)));
    return true;
  }
  if (result.kind === 'not-ready') {
    notReady(draft, gate, result);
    return false;
  }
  draft.add(evaluated(gate, result));
  switch (result.kind) {
    case 'pass':
      return true;
    case 'not-configured':
      if (letsThrough(draft.task, policy, gate.name, at)) return true;
      hold(draft, 'gate', `gate ${gate.name} is required and not configured`, { gate: gate.name });
      return false;
    case 'hold':
      holdOrSendBack(draft, row, gate.name, result);
      return false;
    case 'fail':
      onGateFailed(draft, row, gate.name, result.reason);
      return false;
    default:
      return unreachable(result);
  }
}

/**
 * Evidence that is still to come is not recorded; that a gate is asked anew whose override counts no more, or which nobody had
 * configured before, is.
 */
function notReady(draft: Draft, { name, version }: Gate, result: GateResult): void {
  const isLapsed = draft.task.gatesOverridden.includes(name);
  if (isLapsed || draft.task.gatesUnconfigured.includes(name)) draft.add(evaluated({ name, version }, result));
  // Its stage is over or was skipped, so nothing will bring its evidence.
  if (!isBehind(draft.task, name)) return;
  const text = isLapsed ? 'has not passed, and its override counts no more' : 'is required and was skipped';
  hold(draft, 'gate', `gate ${name} ${text}`, { gate: name });
}

function passesByItself({ name }: Gate, { kind }: GateResult, { requiredGates }: ProjectPolicy): boolean {
  return kind === 'pass' || (kind === 'not-configured' && !requiredGates.includes(name));
}

/** A pass by the record, which it names, with what the gate said by itself. */
function passedBy({ override, waived }: Passage, result: GateResult) {
  const { revision, by, expiresAt, headOid } = override;
  const { kind } = result;
  const { reason, evidence: seen = {} } = result as Answer;
  const said = { result: kind, reason: reason ?? null, evidence: seen };
  const evidence = { override: revision, by, expiresAt, headOid, said, ...(waived && { waived: revisionsOf(waived) }) };
  return { kind: 'pass', reason: OVERRIDDEN, evidence } as const;
}

/** Each path that is taken out, with the revision of its waiver: pairs, since a path may be called as anything. */
function revisionsOf(waived: ReadonlyMap<string, Override>): readonly (readonly [string, string])[] {
  return [...waived].map(([path, { revision }]) => [path, revision]);
}

/** Whatever a gate may have answered. */
interface Answer {
  readonly kind: GateResult['kind'];
  readonly reason?: string;
  readonly evidence?: JsonObject;
  readonly paths?: readonly string[];
}

function evaluated(gate: Pick<Gate, 'name' | 'version'>, { kind, reason, evidence = {}, paths }: Answer) {
  return {
    type: 'GateEvaluated' as const,
    data: {
      gate: gate.name,
      rule: gate.name,
      ruleVersion: gate.version,
      result: kind,
      reason: reason ?? null,
      evidence: paths ? { ...evidence, paths } : evidence,
    },
  };
}

/** A gate's hold. Only an exhausted infra budget may, by policy, send the task back instead; that spends nothing. */
function holdOrSendBack(
  draft: Draft,
  row: StageRow,
  gate: GateName,
  { reason, detail = reason }: Extract<GateResult, { kind: 'hold' }>,
): void {
  const { task, context } = draft;
  const job = task.exhausted;
  // With retries switched off the budget never was used up: somebody wants to look at every single failure.
  const retrySwitch = job && JOBS[job.kind].retrySwitch;
  const isWatched = retrySwitch && !context.surroundings.switches[retrySwitch];
  const mayGoBack = context.policy.onInfraExhausted === 'rollback' && !isWatched && task.landed === null;
  if (reason === 'infra-exhausted' && mayGoBack) {
    draft.add({ type: 'StageRolledBack', data: { from: row.stage, to: 'development', reason, spends: null, gate } });
    const failure = draft.task.sentBack?.failure ?? null;
    const remedy = remedyOfSentBack(draft.task, 'retry');
    alert(draft, 'critical', sentBackTitle(draft.task.id), detailText({ text: reason, failure, remedy }));
    return;
  }
  if (reason === 'inconclusive') {
    holdOrLookAgain(draft, gate, detail);
    return;
  }
  const held: HoldReason = reason === 'infra-exhausted' || reason === 'not-executed' ? reason : 'gate';
  const cause = job ? ({ budget: { budget: 'infra', key: jobKey(job) }, job } as const) : {};
  hold(draft, held, `gate ${gate}: ${detail}`, { ...cause, gate });
}

/** Red and green on one tree: by policy the suite runs again, some times; then, and else, a person has to look. */
function holdOrLookAgain(draft: Draft, gate: GateName, detail: string): void {
  const { task, context } = draft;
  const { policy, at, random } = context;
  const job = jobFor(gate);
  const budget: BudgetKey | null = job && { budget: 'flake', key: jobKey(job) };
  const state = budget && budgetState(task, policy, budget);
  // A pipe that hides the exit code hides it the next time, too.
  const isLost = task.failure?.reason === 'exit_code_lost';
  if (!job || !state?.left || isLost || policy.onInconclusive !== 'retry') {
    hold(draft, 'inconclusive', `gate ${gate}: ${detail}`, { gate, budget, ...(job && { job }) });
    return;
  }
  const evidence = task.failure?.evidence ?? [];
  const { spent, limit } = state;
  const deferredUntil = plusMs(at, backoffMs(policy.backoff, spent, random));
  const again = { job, failureClass: 'inconclusive', reason: 'inconclusive', evidence } as const;
  draft.add({ type: 'RunDeferred', data: { ...again, spent: spent + 1, limit, deferredUntil, spends: budget } });
}

function onGateFailed(draft: Draft, row: StageRow, gate: GateName, reason: string): void {
  const action = row.onGateFailed;
  switch (action.to) {
    case 'rejected':
      draft.add({ type: 'TaskRejected', data: { reason } });
      return;
    case 'hold':
      hold(draft, 'gate', `gate ${gate}: ${reason}`, { gate });
      return;
    case 'same-stage':
      if (action.budget === 'agent') retrySameStage(draft, row.stage, { gate, reason });
      else sendBack(draft, row.stage, reason, gate);
      return;
    case 'development':
      sendBack(draft, row.stage, reason, gate);
      return;
    default:
      unreachable(action);
  }
}

/** The stage's producer said no: its verdict is dropped and it runs again, within the budget. */
function retrySameStage(
  draft: Draft,
  stage: WorkStage,
  { gate, reason }: { readonly gate: GateName; readonly reason: string },
): void {
  const key: BudgetKey = { budget: 'agent', key: stage };
  const { left, spent, limit } = budgetState(draft.task, draft.context.policy, key);
  draft.add({ type: 'VerdictVoided', data: { stage, by: SERVICE.name, reason, spends: left ? key : null } });
  if (left) return;
  const detail = `${stage} failed ${spent + 1} times (limit ${limit} retries): ${reason}`;
  hold(draft, 'agent-retries-exhausted', detail, { budget: key, gate });
}

/**
 * A red or a conflict: the change goes back to development, at the price of a developer retry.
 *
 * @param gate that said no; left out where git did.
 */
export function sendBack(draft: Draft, from: WorkStage, reason: string, gate?: GateName): void {
  const { left, spent, limit } = budgetState(draft.task, draft.context.policy, DEVELOPER_BUDGET);
  if (!left) draft.add({ type: 'DeveloperRetriesExhausted', data: { spent, limit } });
  draft.add({
    type: 'StageRolledBack',
    data: { from, to: 'development', reason, spends: left ? DEVELOPER_BUDGET : null, ...(gate && { gate }) },
  });
  if (!left) {
    const detail = `${reason} after ${limit} developer retries`;
    hold(draft, 'developer-retries-exhausted', detail, { budget: DEVELOPER_BUDGET, ...(gate && { gate }) });
  }
}

/** What stands behind a hold: the budget that its release renews, the job that cannot go on, the gate that does not pass. */
interface HoldCause {
  readonly budget?: BudgetKey | null;
  readonly job?: Job;
  readonly gate?: GateName;
}

/** Holds the task for a person and raises the one alert that belongs to the hold. */
export function hold(
  draft: Draft,
  reason: HoldReason,
  detail: string,
  { budget = null, job, gate }: HoldCause = {},
): void {
  const failure = failureBehind(draft.task, reason, budget);
  const text = failure ? failureText(failure) : detail;
  const about = { ...(job && { job }), ...(gate && { gate }) };
  draft.add({ type: 'TaskHeld', data: { reason, by: SERVICE.name, detail: text, budget, ...about } });
  const held = draft.task.hold;
  const remedy = held && remedyOfHold(draft.task, held);
  alert(draft, 'critical', heldTitle(draft.task.id, reason), detailText({ text, failure, remedy }));
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
