import type { Principal } from '../authority/principal';
import type { Damage } from '../damage';
import type { Check, CheckDelivery } from '../gates/outside-evidence';
import type { Digest, Oid } from '../ids';
import type { Instant } from '../instant';
import type { LanePause } from '../lane/pause';
import type { InfraClass } from '../merge/failure-class';
import type { SkipProof } from '../merge/skip-proof';
import type { ProjectPolicy, TextMarker } from '../policy/project-policy';
import type { Switches } from '../policy/switches';
import type { JsonObject } from '../json';
import type { Job } from './job';
import type { OutsideClaim } from './outside';
import type { AgentRole, GateName, PipelineStage } from './pipeline';
import type {
  ArtifactRef,
  BranchFault,
  ByRule,
  ClaimToken,
  DependencyEnd,
  Followed,
  LaneEpoch,
  RebaseNotes,
  RunRecord,
  SaidOfUsage,
  TaskEventData,
  ToolFailure,
} from './task.events';

/** Who holds the project's lane right now. Read from the lane's stream; never fenced with the task. */
export interface LaneView {
  readonly holder: { readonly taskId: string; readonly epoch: LaneEpoch } | null;
  /** The task whose turn it is when the lane is free; null when nobody told. */
  readonly nextInLine: string | null;
  /** How many are before this task, by the order of turns; left out by who need not show it. */
  readonly ahead?: number | null;
  /** A breaker is open; left out, or null: none is. */
  readonly pause?: LanePause | null;
  /** What keeps anybody from the lane: its stream cannot be relied on. Left out: nothing. */
  readonly damage?: Damage | null;
}

/** Why nothing of a project is done for the time being: its configuration cannot work as things are. */
export interface SetAside {
  readonly cause: string;
  /** What a person does about it. */
  readonly remedy: string;
  /** Null: since the start. */
  readonly since: Instant | null;
}

/** Everything around a task that decides its next step and is not in its own stream. */
export interface Surroundings {
  readonly lane: LaneView;
  readonly switches: Switches;
  /** Of the newest event that has set one of them, as far as it is known; left out, or null: none was ever set. */
  readonly switchRevision?: string | null;
  /** For how long, by a clock that nobody sets, whoever decides has seen the open claim; left out by who watches none. */
  readonly watchedMs?: number;
  /** Left out, or null: the project is worked for. */
  readonly setAside?: SetAside | null;
  /** No process is there that would move the task: known to whoever shows it only, for a conductor is one. */
  readonly isAbandoned?: boolean;
  /** The repository does not have the task's branch: known to whoever shows it only, and a moment old. */
  readonly isBranchGone?: boolean;
  /** How many are before the task in the line for a slot; known to whoever shows it only, of one process. */
  readonly aheadForSlot?: number | null;
  /** What keeps the project from new jobs: the stream of its policies or of its switches cannot be relied on. Left out: nothing. */
  readonly policyDamage?: Damage | null;
}

/** Hidden inputs of a decision, made visible. */
export interface DecisionContext {
  readonly at: Instant;
  readonly policy: ProjectPolicy;
  readonly policyDigest: Digest;
  readonly surroundings: Surroundings;
  /** Uniform in [0, 1): jitter for whatever back-off the decision needs. */
  readonly random: number;
  /** Who asks for it; events say `by` whom. */
  readonly principal: Principal;
  /** Digest of the secret that came with the request: what cites the claim of an outside worker has to know it. */
  readonly proof?: Digest;
}

/** Result of a suite that executed, with everything its verdict is bound to. */
export interface ExecutedSuite extends ByRule {
  readonly run: RunRecord & { readonly exitCode: number };
  readonly treeOid: Oid;
  readonly baseOid: Oid;
  readonly suiteDigest: Digest;
  readonly environmentDigest: Digest;
  readonly artifact: ArtifactRef;
}

/** Result of a deploy command that ended by itself. */
export interface Deployed {
  readonly run: RunRecord & { readonly exitCode: number };
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly commandDigest: Digest;
  readonly environmentDigest: Digest;
  readonly artifact: ArtifactRef;
}

/** What one look at a deployed change has come to. */
export interface MonitorPoll {
  readonly oid: Oid;
  readonly ok: boolean;
  readonly seen: string;
  readonly run: RunRecord | null;
  /** What is asked, how often and how long each time: a window is of one such way. */
  readonly asked: Digest;
  /** What was asked, whatever it takes. */
  readonly checkDigest: Digest;
  readonly environmentDigest: Digest | null;
  /** Of the window, where this poll ends it; null else. */
  readonly artifact: ArtifactRef | null;
}

/** The infra path, the same for every job. */
export interface InfraFailure {
  readonly failureClass: InfraClass;
  readonly failure: ToolFailure;
  readonly run: RunRecord | null;
  /** Rendered in case this failure turns out to be the last one; `staging_status: FAILED`, cause infra-exhausted. */
  readonly exhaustedArtifact: ArtifactRef | null;
}

interface Fenced {
  readonly claim: ClaimToken;
}

export interface TaskCommandData {
  SubmitTask: {
    taskId: string;
    project: string;
    title: string;
    description?: string;
    branch: string;
    headOid: Oid | null;
    startStage: PipelineStage;
    priority: number;
    dependsOn?: readonly string[];
  };
  /** `known`: the task's head when git was asked. */
  ObserveHead: { headOid: Oid; known: Oid | null };
  ClaimTransition: {
    claimId: string;
    job: Job;
    worker: string;
    runId: string;
    cookie: string;
    deadlineAt: Instant;
    /** Asked for by an outside worker. */
    outside?: Omit<OutsideClaim, 'by'>;
  };
  ExtendClaim: Fenced;
  ReleaseClaim: Fenced & { reason: string; runnerUnavailable?: true };
  ReapTransition: Fenced & { reason: 'deadline' | 'owner-dead' };
  RefuseStaleResult: Fenced & { runId: string; worker: string; refused: string };
  ReportSuiteRun: Fenced & { suite: ExecutedSuite };
  /** What a job has found out for its gate, about the commit that it was begun for. */
  ReportEvidence: Fenced & {
    subjectOid: Oid;
    evidence: JsonObject;
    run: RunRecord | null;
    artifact?: ArtifactRef;
  };
  /** `neverStarted`: of a deploy whose command did not begin, although its beginning is on record. */
  ReportInfraFailure: Fenced & InfraFailure & { neverStarted?: true };
  /** A fact on the way: the deploy command is started next. */
  RecordDeployBegun: Fenced & { oid: Oid };
  ReportDeployRun: Fenced & { deployed: Deployed };
  ReportMonitorPoll: Fenced & { poll: MonitorPoll };
  ReportStale: Fenced & { headOid: Oid };
  /** A verdict that nothing in the rules explains: fails closed. */
  ReportUnclassified: Fenced & { detail: string };
  ReportForgery: Fenced & { artifact: string; expected: Digest; seen: string };
  RecordRebase: Fenced & { headOid: Oid; baseOid: Oid; newOid: Oid; treeOid: Oid; notes?: RebaseNotes };
  /** A red that is to be confirmed, before the suite runs once more. */
  RecordRed: Fenced & { run: RunRecord; treeOid: Oid; suiteDigest: Digest };
  ReportConflict: Fenced & { headOid: Oid; baseOid: Oid; paths: readonly string[] };
  ReportBranchRefused: Fenced & { headOid: Oid; fault: BranchFault; detail: string };
  ReportNothingToLand: Fenced & { headOid: Oid; baseOid: Oid; notes?: RebaseNotes };
  ReportRetestSkipped: Fenced & { proof: SkipProof };
  /** What main has to keep and the candidate has lost. */
  ReportMarkersLost: Fenced & { newOid: Oid; baseOid: Oid; treeOid: Oid; markers: readonly TextMarker[] };
  ReportRetest: Fenced &
    ByRule & {
      run: RunRecord & { readonly exitCode: number };
      newOid: Oid;
      baseOid: Oid;
      treeOid: Oid;
      suiteDigest: Digest;
      environmentDigest: Digest;
      artifact: ArtifactRef;
    };
  ReportLanded: Fenced & { recovered: boolean; followed?: Followed };
  ReportLandingLost: Fenced & {
    reason: 'main-moved' | 'head-moved' | 'epoch-lost' | 'interrupted';
    headOid: Oid | null;
  };
  ReportAgentDone: Fenced &
    SaidOfUsage & {
      role: AgentRole;
      run: RunRecord;
      cost: JsonObject | null;
      headOid: Oid | null;
      verdict: { readonly status: string; readonly artifact: ArtifactRef; readonly treeOid: Oid | null } | null;
    };
  ReportAgentError: Fenced & SaidOfUsage & { role: AgentRole; reason: string; detail: string; run: RunRecord | null };
  /** What a suite that ran beside an agent came to; decides nothing. */
  RecordShadowSuite: TaskEventData['ShadowSuiteFinished'];
  /** The policy asks for more than it did when the task came here: it is asked again what lets the task through. */
  EvaluateGates: object;
  /** Read from the other task's stream: an end never becomes untrue, so it needs no fence. */
  EndDependency: { taskId: string; end: DependencyEnd };
  HoldTask: { reason: string };
  ReleaseTask: { reason: string };
  RetryTask: { reason: string };
  CancelTask: { reason: string };
  ChangePriority: { priority: number };
  /** `note`: null where nothing was said. */
  AcknowledgeAlert: { key: string; note: string | null };
  CloseAlert: { key: string; note: string | null };
  /** From outside. `subjectOid`: null for the commit that gates judge, whichever that is. */
  /** `delivery`: the webhook that says so, where one does; a task takes each once. */
  RecordEvidence: { gate: GateName; subjectOid: Oid | null; check: Check; delivery?: CheckDelivery };
  /** `paths`: null for the whole gate, `named` for those that it has named itself. `expiresAt`: null for the usual time. */
  OverrideGate: {
    gate: GateName;
    reason: string;
    paths: readonly string[] | 'named' | null;
    expiresAt: Instant | null;
  };
}

export type TaskCommandType = keyof TaskCommandData;
export type TaskCommand = {
  [T in TaskCommandType]: Readonly<{ type: T; data: Readonly<TaskCommandData[T]> }>;
}[TaskCommandType];

/** The command with which a job ends. */
export type OutcomeCommand = Extract<TaskCommand, { type: `Report${string}` | 'ReleaseClaim' }>;

/** The only commands a final task still takes; they change nothing of it. */
export const ALLOWED_COMMANDS_AFTER_FINAL: readonly TaskCommandType[] = [
  'AcknowledgeAlert',
  'CloseAlert',
  'RefuseStaleResult',
  'RecordShadowSuite',
  'SubmitTask',
];
