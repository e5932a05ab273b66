import type { AlertEnd } from '../alerts/alert-state';
import type { Fact } from '../fact';
import type { Digest, Oid } from '../ids';
import type { Instant } from '../instant';
import type { JsonObject } from '../json';
import type { ColourSeen } from '../merge/colours';
import type { FailureClass } from '../merge/failure-class';
import type { CitedSwitches } from '../policy/cited-switches';
import type { TextMarker } from '../policy/project-policy';
import type { SkipProof } from '../merge/skip-proof';
import type { AgentUsage } from '../usage/agent-usage';
import type { TestComparison } from '../witness/compare-tests';
import type { TestsOfRun } from '../witness/test-counts';
import type { WitnessFinding } from '../witness/witness-reasons';
import type { AgentRole, GateName, GateResultKind, PipelineStage, Producer, WorkStage } from './pipeline';
import type { Job, JobKey } from './job';
import type { OutsideClaim } from './outside';

/** Revision of a `TransitionClaimed`, as a decimal string: the fencing token that all work of that claim cites. */
export type ClaimToken = string;
/** Revision of a `LaneGranted`, as a decimal string. */
export type LaneEpoch = string;

export type BudgetName = 'developer' | 'agent' | 'infra' | 'crash' | 'landing' | 'flake';
/** One counter: developer and landing have one per task, the others one per stage or job. */
export interface BudgetKey {
  readonly budget: BudgetName;
  readonly key: PipelineStage | JobKey | 'task';
}

export interface LandingIntent {
  readonly newOid: Oid;
  readonly baseOid: Oid;
  readonly treeOid: Oid;
  readonly headOid: Oid;
  readonly epoch: LaneEpoch;
}

/** What became of the files of the work tree that has main checked out. */
export interface Followed {
  /** The work tree's folder. */
  readonly at: string;
  /** Files that are not as they have landed: somebody changed them meanwhile, or, with `fault`, git could not write them. */
  readonly left: readonly string[];
  /** What kept files from following. Where none is named, the next start tries again. */
  readonly fault?: string;
}

/** One finished run of a command, as far as a verdict and its reader need it. */
export interface RunRecord {
  readonly runId: string;
  readonly exitCode: number | null;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly durationMs: number;
  readonly isolation: string;
  /** Of every output byte, stdout then stderr. */
  readonly logDigest: Digest;
  readonly leaked: number;
  readonly usage: JsonObject;
  /** Of a suite that says how many tests it ran; absent where nothing was recognised, and before it was looked for. */
  readonly tests?: TestsOfRun;
  /** What main's last run of the same suite executed and this one did not; absent where nothing is known of that. */
  readonly compared?: TestComparison;
  /** Why the test report that the policy demands says nothing. */
  readonly noReport?: string;
  /** Of a suite whose project keeps what its set-up makes. */
  readonly setup?: SetupNote;
  /** Folders of submodules that the run found empty; absent where there were none. */
  readonly emptyFolders?: FolderList;
}

/** Folders: how many, and the first few by their paths. */
export interface FolderList {
  readonly count: number;
  readonly paths: readonly string[];
}

/** Whether the set-up was spared, or its folders are kept for later runs; `detail` says why they are not. */
export interface SetupNote {
  readonly cache: 'restored' | 'kept' | 'not-kept';
  readonly detail?: string;
}

/** The rule that told what a failure says, and its version. Absent where none was asked, and in what older versions wrote. */
export interface ByRule {
  readonly rule?: string;
  readonly ruleVersion?: number;
}

/** Why a run did not execute or was cut short, in the process runner's or git's words. */
export interface ToolFailure extends ByRule {
  readonly reason: string;
  readonly retryable: boolean;
  readonly evidence: readonly string[];
  /** Which part of the job broke. */
  readonly step: string;
  /** With what its command ended, where it ended by itself. */
  readonly exitCode?: number;
  /** The program that could not be started, where that is the matter. */
  readonly program?: string;
}

export interface ArtifactRef {
  readonly name: string;
  readonly digest: Digest;
}

export type HoldReason =
  | 'person'
  | 'infra-exhausted'
  | 'crash-exhausted'
  | 'developer-retries-exhausted'
  | 'agent-retries-exhausted'
  | 'landing-attempts-exhausted'
  | 'no-progress'
  | 'dependency'
  | 'unclassified'
  | 'inconclusive'
  | 'not-executed'
  | 'gate'
  | 'forgery';

/** What can be wrong with a branch before anything runs. */
export type BranchFault = 'unrelated-history' | 'unusable-branch';

/** How a task ended that another one depends on. `landed`: main has every change of it, whoever brought it there. */
export type DependencyEnd = 'landed' | 'cancelled' | 'rejected';

export type RequestKind = 'cancel' | 'hold' | 'head-moved';

/** Commits of a branch: how many, and the first few by their subjects. */
export interface CommitList {
  readonly count: number;
  readonly commits: readonly { readonly oid: Oid; readonly subject: string }[];
}

/** Commits of a branch that a rebase did not simply copy. What is missing is none. */
export interface RebaseNotes {
  /** Left out, because main has had the same change by another commit. */
  readonly skipped?: CommitList;
  /** Those of them whose change main has undone since: they stay out. */
  readonly undone?: CommitList;
  /** What main has had and has undone since, and a merge brings back. */
  readonly returning?: CommitList;
  /** Copied without the signature they had: it signs another commit than the copy. */
  readonly unsigned?: CommitList;
}

interface Claimed {
  readonly claim: ClaimToken;
}

/** What an agent's command has said of its tokens and its cost. Absent where it said nothing. */
export interface SaidOfUsage {
  readonly usage?: AgentUsage;
  /** Why what it said could not be counted. */
  readonly usageNote?: string;
}

/** Every event of a task's stream and what it says. Names are frozen once released. */
export interface TaskEventData {
  TaskSubmitted: {
    taskId: string;
    project: string;
    title: string;
    /** What is to be done, in words; absent where nobody said more than the title. */
    description?: string;
    branch: string;
    headOid: Oid | null;
    startStage: PipelineStage;
    priority: number;
    /** Tasks that have to land before this one is staged; absent: none. */
    dependsOn?: readonly string[];
    submittedBy: string;
  };
  TaskRejected: { reason: string };
  HeadMoved: { from: Oid | null; to: Oid; voidedClaim: ClaimToken | null };
  TransitionClaimed: {
    claimId: string;
    job: Job;
    stage: WorkStage;
    runId: string;
    cookie: string;
    worker: string;
    headOid: Oid | null;
    deadlineAt: Instant;
    laneEpoch: LaneEpoch | null;
    landing: LandingIntent | null;
    /** Left out: everything was on, and no switch of the project was ever set. */
    switches?: CitedSwitches;
    /** Of an outside worker; absent where the service does the job itself. */
    outside?: OutsideClaim;
  };
  /** A heartbeat of an outside worker. */
  ClaimExtended: Claimed & { deadlineAt: Instant };
  /** `runnerUnavailable`: the staging-runner could not be started at all; nothing has run. */
  ClaimReleased: Claimed & { reason: string; runnerUnavailable?: true };
  TransitionReaped: Claimed & { job: Job; reason: 'deadline' | 'owner-dead'; retryAt: Instant };
  StaleResultRefused: Claimed & { runId: string; worker: string; refused: string };
  /** A suite was red for the first time on this tree; nothing follows from it before it has run once more. */
  RedObserved: Claimed & { job: Job; run: RunRecord; treeOid: Oid; suiteDigest: Digest };
  StagingSuiteExecuted: Claimed & { run: RunRecord };
  TestSuiteExecuted: Claimed & { run: RunRecord };
  ToolErrored: Claimed & { job: Job; failureClass: FailureClass; failure: ToolFailure; run: RunRecord | null };
  RunDeferred: ByRule & {
    job: Job;
    failureClass: FailureClass;
    reason: string;
    /** What was seen; for a starved run, who used the machine. */
    evidence?: readonly string[];
    /** Runs of this job so far that ended by infrastructure; 0 for what spends nothing. */
    spent: number;
    limit: number;
    deferredUntil: Instant;
    spends: BudgetKey | null;
  };
  InfraBudgetExhausted: {
    job: Job;
    reason: string;
    /** Retries that counted, and how many would have been allowed. */
    spent: number;
    limit: number;
    /** How often the job was tried in a row, what cost nothing included. */
    tries?: number;
  };
  /** `rule`: of a suite that executed and was not green. */
  VerdictRecorded: ByRule & {
    stage: WorkStage;
    status: string;
    passed: boolean;
    /** Null for an ordinary verdict; else why it is not one (`infra-exhausted`). */
    cause: string | null;
    runId: string;
    claim: ClaimToken;
    subjectOid: Oid | null;
    treeOid: Oid | null;
    /** main's commit at the time of the run. */
    baseOid: Oid | null;
    suiteDigest: Digest | null;
    environmentDigest: Digest | null;
    artifact: ArtifactRef | null;
    producer: Producer;
    source: 'runner' | 'agent';
    /** What an earlier run has said of the same tree, where one has. */
    before?: ColourSeen;
    /** What the count of tests says against a suite that ended with 0. */
    witness?: WitnessFinding;
  };
  /** A verdict that no longer counts: a person asked for the stage to run again. */
  VerdictVoided: { stage: WorkStage; by: string; reason: string; spends: BudgetKey | null };
  /** What a gate judges by. `claim`: of the job that brought it; absent where it came from outside. */
  EvidenceRecorded: {
    gate: GateName;
    claim?: ClaimToken;
    /** The commit that it is about: the candidate, once there is one, else the head. */
    subjectOid: Oid;
    evidence: JsonObject;
    run: RunRecord | null;
    /** What a person reads of it; absent where there is nothing to decide, and before there was one. */
    artifact?: ArtifactRef;
  };
  GateEvaluated: {
    gate: GateName;
    rule: string;
    ruleVersion: number;
    result: GateResultKind;
    reason: string | null;
    evidence: JsonObject;
  };
  BranchRebased: Claimed & {
    headOid: Oid;
    baseOid: Oid;
    outcome: 'clean' | 'conflict';
    newOid: Oid | null;
    treeOid: Oid | null;
    conflictPaths: readonly string[];
    notes?: RebaseNotes;
  };
  /** Git cannot work with the branch, whatever the machine does; `detail` says what is wrong with it. */
  BranchRefused: Claimed & { job: Job; headOid: Oid; fault: BranchFault; detail: string };
  RetestSkipped: Claimed & { proof: SkipProof };
  /** The candidate lacks texts that main has and has to keep. */
  MarkersLost: Claimed & { newOid: Oid; baseOid: Oid; treeOid: Oid; markers: readonly TextMarker[] };
  RetestFinished: Claimed &
    ByRule & {
      /** `not-executed`: it ended with 0, and its count of tests says that this is no green. */
      outcome: 'green' | 'red' | 'inconclusive' | 'not-executed';
      run: RunRecord;
      newOid: Oid;
      baseOid: Oid;
      treeOid: Oid;
      /** Of the suite that ran; absent of one from before reds were confirmed. */
      suiteDigest?: Digest;
      /** What an earlier run has said of the same tree, where one has. */
      before?: ColourSeen;
      /** What the count of tests says against it. */
      witness?: WitnessFinding;
      /** Its log; absent of one from before re-tests had one. */
      artifact?: ArtifactRef;
      /** What earlier versions kept of the output of a red one, among the artifacts. */
      output?: Digest;
    };
  NothingToLand: Claimed & { headOid: Oid; baseOid: Oid; notes?: RebaseNotes };
  LandingLost: Claimed & {
    reason: 'main-moved' | 'head-moved' | 'epoch-lost' | 'interrupted';
    spends: BudgetKey | null;
  };
  TaskLanded: Claimed & {
    newOid: Oid;
    baseOid: Oid;
    treeOid: Oid;
    recovered: boolean;
    /** Absent where no work tree had main checked out. */
    followed?: Followed;
  };
  StageAdvanced: { from: WorkStage; to: PipelineStage };
  StageSkipped: { stage: WorkStage; reason: string };
  StageRolledBack: {
    from: WorkStage;
    to: 'development';
    reason: string;
    spends: BudgetKey | null;
    /** The gate that said no; absent where git or infrastructure did. */
    gate?: GateName;
  };
  DeveloperRetriesExhausted: { spent: number; limit: number };
  TaskHeld: {
    reason: HoldReason;
    by: string;
    detail: string;
    /** Renewed when the hold is released. */
    budget: BudgetKey | null;
    /** The job that cannot go on; absent where a person or a gate holds the task. */
    job?: Job;
    /** The gate that does not let the task through; absent where another matter holds it. */
    gate?: GateName;
  };
  TaskReleased: { by: string; reason: string };
  TaskCancelled: { by: string; reason: string };
  RequestQueued: { request: RequestKind; by: string; reason: string; headOid: Oid | null };
  GateOverridden: {
    gate: GateName;
    by: string;
    reason: string;
    expiresAt: Instant;
    /** Only for these; absent: the whole gate. */
    paths?: readonly string[];
    /** The branch's commit that it holds for; absent: whatever is on the branch. */
    headOid?: Oid;
  };
  /** A task that has to land first has ended. One that never will holds this one in the same append. */
  DependencyEnded: { taskId: string; end: DependencyEnd };
  PriorityChanged: { from: number; to: number; by: string };
  BudgetRenewed: BudgetKey & { by: string };
  AgentJobFinished: Claimed &
    SaidOfUsage & { role: AgentRole; run: RunRecord; headOid: Oid | null; cost: JsonObject | null };
  AgentJobErrored: Claimed &
    SaidOfUsage & {
      role: AgentRole;
      reason: string;
      detail: string;
      run: RunRecord | null;
      spends: BudgetKey | null;
      retryAt: Instant;
    };
  /** The deploy command is started next. Without a `DeployFinished` behind it nobody knows how far it got. */
  DeployBegun: Claimed & { runId: string; oid: Oid };
  /**
   * `status`: the verdict's, `NOT_STARTED` where the command never began, `INTERRUPTED` where nobody knows how far it got.
   * Before the first deploy that the service ran itself, nothing else was said of it.
   */
  DeployFinished: { status: string; detail: string; claim?: ClaimToken; run?: RunRecord | null };
  /** One look at what was deployed. It ends its claim, and says nothing of the window as a whole. */
  MonitorPolled: Claimed & {
    runId: string;
    oid: Oid;
    /** Counted from 1 in its window, which begins with the stage, with a person's retry, or where it is asked in another way. */
    poll: number;
    /** What is asked, how often and how long each time. */
    asked?: Digest;
    ok: boolean;
    /** In one line, for people. */
    seen: string;
    startedAt: Instant;
    /** Null where nothing was run. */
    run: RunRecord | null;
  };
  /** The window is over, by the polls before. */
  MonitorFinished: { status: string; detail: string; polls?: number; bad?: number };
  AlertRaised: { key: string; severity: 'warning' | 'critical'; title: string; detail: string };
  /** `note`: left out where nothing was said. */
  AlertAcknowledged: { key: string; by: string; note?: string };
  /** `recovered`: the task has got on by itself, or by what a person did about it. */
  AlertClosed: { key: string; how: AlertEnd; by: string; note?: string };
  ForgeryDetected: { artifact: string; expected: Digest; seen: string };
  /** `refused`: what the lease would have refused; `displaced`: the claim of whoever had the step meanwhile. */
  LeaseViolationObserved: Claimed & { refused: string; displaced: ClaimToken | null };
  /**
   * A suite ran beside the agent that has its stage, for comparison alone. `claim`: of that agent. `status`: what would have
   * been its verdict; null where it was not executed, and `failure` says why. `durationMs`: of set-up and suite together.
   */
  ShadowSuiteFinished: Claimed & {
    stage: WorkStage;
    runId: string;
    headOid: Oid;
    status: string | null;
    treeOid: Oid | null;
    suiteDigest: Digest;
    durationMs: number;
    run: RunRecord | null;
    failure: ToolFailure | null;
  };
  /** `headOid`: the branch went there after landing. */
  TaskAnnotated: { by: string; text: string; headOid?: Oid };
}

export type TaskEventType = keyof TaskEventData;
export type TaskEvent = { [T in TaskEventType]: Fact<T, TaskEventData[T]> }[TaskEventType];
export type TaskEventOf<T extends TaskEventType> = Fact<T, TaskEventData[T]>;

/**
 * Current version of every event type. Adding an optional field needs none; any other change adds one, an upcaster and a
 * JSON sample in test/fixtures/events.
 */
export const TASK_EVENT_VERSIONS: Readonly<Record<TaskEventType, number>> = Object.freeze({
  TaskSubmitted: 1,
  TaskRejected: 1,
  HeadMoved: 1,
  TransitionClaimed: 1,
  ClaimExtended: 1,
  ClaimReleased: 1,
  TransitionReaped: 1,
  StaleResultRefused: 1,
  RedObserved: 1,
  StagingSuiteExecuted: 1,
  TestSuiteExecuted: 1,
  ToolErrored: 1,
  RunDeferred: 1,
  InfraBudgetExhausted: 1,
  VerdictRecorded: 1,
  VerdictVoided: 1,
  EvidenceRecorded: 1,
  GateEvaluated: 1,
  BranchRebased: 1,
  BranchRefused: 1,
  RetestSkipped: 1,
  MarkersLost: 1,
  RetestFinished: 1,
  NothingToLand: 1,
  LandingLost: 1,
  TaskLanded: 1,
  StageAdvanced: 1,
  StageSkipped: 1,
  StageRolledBack: 1,
  DeveloperRetriesExhausted: 1,
  TaskHeld: 1,
  TaskReleased: 1,
  TaskCancelled: 1,
  RequestQueued: 1,
  GateOverridden: 1,
  DependencyEnded: 1,
  PriorityChanged: 1,
  BudgetRenewed: 1,
  AgentJobFinished: 1,
  AgentJobErrored: 1,
  DeployBegun: 1,
  DeployFinished: 1,
  MonitorPolled: 1,
  MonitorFinished: 1,
  AlertRaised: 1,
  AlertAcknowledged: 1,
  AlertClosed: 1,
  ForgeryDetected: 1,
  LeaseViolationObserved: 1,
  ShadowSuiteFinished: 1,
  TaskAnnotated: 1,
});

/** May follow a final stage; they change nothing. */
export const ALLOWED_AFTER_FINAL: readonly TaskEventType[] = [
  'AlertRaised',
  'AlertAcknowledged',
  'AlertClosed',
  'TaskAnnotated',
  'StaleResultRefused',
  'ShadowSuiteFinished',
];
