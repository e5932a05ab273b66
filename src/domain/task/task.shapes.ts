import type { AlertEnd } from '../alerts/alert-state';
import type { JsonObject } from '../json';
import type { ColourSeen } from '../merge/colours';
import { FAILURE_CLASSES } from '../merge/failure-class';
import type { CitedSwitches } from '../policy/cited-switches';
import type { SkipProof } from '../merge/skip-proof';
import {
  among,
  decimal,
  exactly,
  figure,
  flag,
  isJson,
  isObject,
  list,
  moment,
  nullable,
  object,
  oneOf,
  optional,
  text,
  whole,
  type Check,
  type Members,
} from '../shape';
import type { TextMarker } from '../policy/project-policy';
import type { AgentUsage } from '../usage/agent-usage';
import type { TestComparison } from '../witness/compare-tests';
import { COUNT_SOURCES, type TestsOfRun } from '../witness/test-counts';
import { WITNESS_REASONS, type WitnessFinding } from '../witness/witness-reasons';
import type { Job, JobKey, PlainKind } from './job';
import { JOB_KINDS } from './job-table';
import type { OutsideClaim } from './outside';
import {
  AGENT_ROLES,
  GATES,
  RESERVED_PRODUCERS,
  STAGES,
  type GateResultKind,
  type Producer,
  type WorkStage,
} from './pipeline';
import type {
  ArtifactRef,
  BudgetKey,
  BudgetName,
  DependencyEnd,
  CommitList,
  FolderList,
  Followed,
  HoldReason,
  LandingIntent,
  RebaseNotes,
  RequestKind,
  RunRecord,
  SetupNote,
  TaskEventData,
  ToolFailure,
} from './task.events';

export const pipelineStage = among(STAGES);
const workStage: Check<WorkStage> = (value): value is WorkStage => value !== 'done' && pipelineStage(value);
const agentRole = among(AGENT_ROLES);
const producer = among<Producer>([...AGENT_ROLES, ...RESERVED_PRODUCERS]);
const jobKind = among(JOB_KINDS);
const plainJob: Check<PlainKind> = (value): value is PlainKind => value !== 'agent' && jobKind(value);
const failureClass = among(FAILURE_CLASSES);
export const gateName = among(GATES);
const gateResult = oneOf<GateResultKind>({
  pass: true,
  fail: true,
  hold: true,
  'not-ready': true,
  'not-configured': true,
});
const requestKind = oneOf<RequestKind>({ cancel: true, hold: true, 'head-moved': true });
const budgetName = oneOf<BudgetName>({
  developer: true,
  agent: true,
  infra: true,
  crash: true,
  landing: true,
  flake: true,
});
const holdReason = oneOf<HoldReason>({
  person: true,
  'infra-exhausted': true,
  'crash-exhausted': true,
  'developer-retries-exhausted': true,
  'agent-retries-exhausted': true,
  'landing-attempts-exhausted': true,
  unclassified: true,
  inconclusive: true,
  'not-executed': true,
  gate: true,
  forgery: true,
  'no-progress': true,
  dependency: true,
});

const job: Check<Job> = (value): value is Job =>
  isObject(value) && (value['kind'] === 'agent' ? agentRole(value['role']) : plainJob(value['kind']));
const budgetKey: Check<BudgetKey['key']> = (value): value is BudgetKey['key'] =>
  value === 'task' || pipelineStage(value) || isJobKey(value);
const jsonObject: Check<JsonObject> = (value): value is JsonObject => isObject(value) && isJson(value);
const budget = object<BudgetKey>({ budget: budgetName, key: budgetKey });
const spends = nullable(budget);
const artifact = object<ArtifactRef>({ name: text, digest: text });
const landing = object<LandingIntent>({ newOid: text, baseOid: text, treeOid: text, headOid: text, epoch: decimal });
const byRule = { rule: optional(text), ruleVersion: optional(whole) };
const failure = object<ToolFailure>({
  ...byRule,
  reason: text,
  retryable: flag,
  evidence: list(text),
  step: text,
  exitCode: optional(whole),
  program: optional(text),
});
const folders = object<FolderList>({ count: whole, paths: list(text) });
const tests = object<TestsOfRun>({
  executed: whole,
  passed: whole,
  failed: whole,
  skipped: whole,
  how: among(COUNT_SOURCES),
  blocks: whole,
  rules: list(text),
  isClaimed: optional(exactly(true)),
  list: optional(text),
  failedNames: optional(list(text)),
});
const compared = object<TestComparison>({
  runId: text,
  before: whole,
  vanished: whole,
  newlySkipped: whole,
  moved: whole,
  names: list(text),
});
const witness = optional(object<WitnessFinding>({ reason: among(WITNESS_REASONS), evidence: list(text) }));
const run = object<RunRecord>({
  runId: text,
  exitCode: nullable(whole),
  startedAt: moment,
  finishedAt: moment,
  durationMs: whole,
  isolation: text,
  logDigest: text,
  leaked: whole,
  usage: jsonObject,
  tests: optional(tests),
  compared: optional(compared),
  noReport: optional(text),
  setup: optional(
    object<SetupNote>({ cache: oneOf({ restored: true, kept: true, 'not-kept': true }), detail: optional(text) }),
  ),
  emptyFolders: optional(folders),
});
const outside = object<OutsideClaim>({ by: text, secretDigest: text, endsAt: moment });
const followed = object<Followed>({ at: text, left: list(text), fault: optional(text) });
const proof = object<SkipProof>({
  treeOid: text,
  baseOid: text,
  suiteDigest: text,
  environmentDigest: text,
  policyDigest: text,
  verdictRevision: decimal,
});
const commits = optional(
  object<CommitList>({
    count: whole,
    commits: list(object<CommitList['commits'][number]>({ oid: text, subject: text })),
  }),
);
const notes = optional(
  object<RebaseNotes>({ skipped: commits, undone: commits, returning: commits, unsigned: commits }),
);
const before = optional(
  object<ColourSeen>({ colour: oneOf({ green: true, red: true }), runId: text, failed: optional(list(text)) }),
);
const claim = { claim: decimal };
const usage = {
  usage: optional(
    object<AgentUsage>({
      inputTokens: whole,
      outputTokens: whole,
      cachedTokens: optional(whole),
      costUsd: optional(figure),
      model: optional(text),
      durationMs: optional(whole),
    }),
  ),
  usageNote: optional(text),
};

/** What the data of every event has to be, in its newest version. */
export const TASK_EVENT_SHAPES: { readonly [T in keyof TaskEventData]: Members<TaskEventData[T]> } = {
  TaskSubmitted: {
    taskId: text,
    project: text,
    title: text,
    description: optional(text),
    branch: text,
    headOid: nullable(text),
    startStage: pipelineStage,
    priority: whole,
    dependsOn: optional(list(text)),
    submittedBy: text,
  },
  TaskRejected: { reason: text },
  HeadMoved: { from: nullable(text), to: text, voidedClaim: nullable(decimal) },
  TransitionClaimed: {
    claimId: text,
    job,
    stage: workStage,
    runId: text,
    cookie: text,
    worker: text,
    headOid: nullable(text),
    deadlineAt: moment,
    laneEpoch: nullable(decimal),
    landing: nullable(landing),
    switches: optional(object<CitedSwitches>({ revision: nullable(decimal), off: list(text) })),
    outside: optional(outside),
  },
  ClaimExtended: { ...claim, deadlineAt: moment },
  ClaimReleased: { ...claim, reason: text, runnerUnavailable: optional(exactly(true)) },
  TransitionReaped: { ...claim, job, reason: oneOf({ deadline: true, 'owner-dead': true }), retryAt: moment },
  StaleResultRefused: { ...claim, runId: text, worker: text, refused: text },
  RedObserved: { ...claim, job, run, treeOid: text, suiteDigest: text },
  StagingSuiteExecuted: { ...claim, run },
  TestSuiteExecuted: { ...claim, run },
  ToolErrored: { ...claim, job, failureClass, failure, run: nullable(run) },
  RunDeferred: {
    ...byRule,
    job,
    failureClass,
    reason: text,
    evidence: optional(list(text)),
    spent: whole,
    limit: whole,
    deferredUntil: moment,
    spends,
  },
  InfraBudgetExhausted: { job, reason: text, spent: whole, limit: whole, tries: optional(whole) },
  VerdictRecorded: {
    ...byRule,
    stage: workStage,
    status: text,
    passed: flag,
    cause: nullable(text),
    runId: text,
    claim: decimal,
    subjectOid: nullable(text),
    treeOid: nullable(text),
    baseOid: nullable(text),
    suiteDigest: nullable(text),
    environmentDigest: nullable(text),
    artifact: nullable(artifact),
    producer,
    source: oneOf({ runner: true, agent: true }),
    before,
    witness,
  },
  VerdictVoided: { stage: workStage, by: text, reason: text, spends },
  EvidenceRecorded: {
    gate: gateName,
    claim: optional(decimal),
    subjectOid: text,
    evidence: jsonObject,
    run: nullable(run),
    artifact: optional(artifact),
  },
  GateEvaluated: {
    gate: gateName,
    rule: text,
    ruleVersion: whole,
    result: gateResult,
    reason: nullable(text),
    evidence: jsonObject,
  },
  BranchRebased: {
    ...claim,
    headOid: text,
    baseOid: text,
    outcome: oneOf({ clean: true, conflict: true }),
    newOid: nullable(text),
    treeOid: nullable(text),
    conflictPaths: list(text),
    notes,
  },
  BranchRefused: {
    ...claim,
    job,
    headOid: text,
    fault: oneOf({ 'unrelated-history': true, 'unusable-branch': true }),
    detail: text,
  },
  RetestSkipped: { ...claim, proof },
  MarkersLost: {
    ...claim,
    newOid: text,
    baseOid: text,
    treeOid: text,
    markers: list(object<TextMarker>({ task: text, file: text, text })),
  },
  RetestFinished: {
    ...claim,
    ...byRule,
    outcome: oneOf({ green: true, red: true, inconclusive: true, 'not-executed': true }),
    run,
    newOid: text,
    baseOid: text,
    treeOid: text,
    suiteDigest: optional(text),
    before,
    witness,
    artifact: optional(artifact),
    output: optional(text),
  },
  NothingToLand: { ...claim, headOid: text, baseOid: text, notes },
  LandingLost: {
    ...claim,
    reason: oneOf({ 'main-moved': true, 'head-moved': true, 'epoch-lost': true, interrupted: true }),
    spends,
  },
  TaskLanded: {
    ...claim,
    newOid: text,
    baseOid: text,
    treeOid: text,
    recovered: flag,
    followed: optional(followed),
  },
  StageAdvanced: { from: workStage, to: pipelineStage },
  StageSkipped: { stage: workStage, reason: text },
  StageRolledBack: { from: workStage, to: exactly('development'), reason: text, spends, gate: optional(gateName) },
  DeveloperRetriesExhausted: { spent: whole, limit: whole },
  TaskHeld: {
    reason: holdReason,
    by: text,
    detail: text,
    budget: spends,
    job: optional(job),
    gate: optional(gateName),
  },
  TaskReleased: { by: text, reason: text },
  TaskCancelled: { by: text, reason: text },
  RequestQueued: { request: requestKind, by: text, reason: text, headOid: nullable(text) },
  GateOverridden: {
    gate: gateName,
    by: text,
    reason: text,
    expiresAt: moment,
    paths: optional(list(text)),
    headOid: optional(text),
  },
  DependencyEnded: { taskId: text, end: oneOf<DependencyEnd>({ landed: true, cancelled: true, rejected: true }) },
  PriorityChanged: { from: whole, to: whole, by: text },
  BudgetRenewed: { budget: budgetName, key: budgetKey, by: text },
  AgentJobFinished: { ...claim, ...usage, role: agentRole, run, headOid: nullable(text), cost: nullable(jsonObject) },
  AgentJobErrored: {
    ...claim,
    ...usage,
    role: agentRole,
    reason: text,
    detail: text,
    run: nullable(run),
    spends,
    retryAt: moment,
  },
  DeployBegun: { ...claim, runId: text, oid: text },
  DeployFinished: { status: text, detail: text, claim: optional(decimal), run: optional(nullable(run)) },
  MonitorPolled: {
    ...claim,
    runId: text,
    oid: text,
    poll: whole,
    asked: optional(text),
    ok: flag,
    seen: text,
    startedAt: moment,
    run: nullable(run),
  },
  MonitorFinished: { status: text, detail: text, polls: optional(whole), bad: optional(whole) },
  AlertRaised: { key: text, severity: oneOf({ warning: true, critical: true }), title: text, detail: text },
  AlertAcknowledged: { key: text, by: text, note: optional(text) },
  AlertClosed: { key: text, how: oneOf<AlertEnd>({ person: true, recovered: true }), by: text, note: optional(text) },
  ForgeryDetected: { artifact: text, expected: text, seen: text },
  LeaseViolationObserved: { ...claim, refused: text, displaced: nullable(decimal) },
  ShadowSuiteFinished: {
    ...claim,
    stage: workStage,
    runId: text,
    headOid: text,
    status: nullable(text),
    treeOid: nullable(text),
    suiteDigest: text,
    durationMs: whole,
    run: nullable(run),
    failure: nullable(failure),
  },
  TaskAnnotated: { by: text, text, headOid: optional(text) },
};

function isJobKey(value: unknown): value is JobKey {
  if (plainJob(value)) return true;
  return typeof value === 'string' && value.startsWith('agent:') && agentRole(value.slice('agent:'.length));
}
