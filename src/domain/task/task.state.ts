import type { Damage } from '../damage';
import type { Digest, Oid, TaskId } from '../ids';
import { epochMs, type Instant } from '../instant';
import type { JsonObject } from '../json';
import type { LaneOutcome } from '../lane/lane.events';
import type { FailureClass } from '../merge/failure-class';
import type { SkipProof } from '../merge/skip-proof';
import { movesMain, type Job } from './job';
import type { OutsideClaim } from './outside';
import type { AgentRole, GateName, PipelineStage, Producer, Stage, WorkStage } from './pipeline';
import type { AlertState } from '../alerts/alert-state';
import type {
  ArtifactRef,
  ByRule,
  BudgetKey,
  ClaimToken,
  DependencyEnd,
  FolderList,
  HoldReason,
  LandingIntent,
  LaneEpoch,
  RequestKind,
} from './task.events';

export interface OpenClaim {
  readonly token: ClaimToken;
  readonly claimId: string;
  readonly job: Job;
  readonly stage: WorkStage;
  readonly runId: string;
  readonly cookie: string;
  readonly worker: string;
  readonly headOid: Oid | null;
  readonly since: Instant;
  readonly deadlineAt: Instant;
  readonly laneEpoch: LaneEpoch | null;
  readonly landing: LandingIntent | null;
  /** Of an outside worker, with its last heartbeat that was stored. */
  readonly outside?: OutsideClaim & { readonly heardAt: Instant };
}

export interface Hold {
  readonly reason: HoldReason;
  readonly by: string;
  readonly detail: string;
  readonly since: Instant;
  /** Renewed when the hold is released. */
  readonly budget: BudgetKey | null;
  /** What led to it, where a failure did. */
  readonly failure: Failure | null;
  /** The gate that does not let the task through, where one holds it. */
  readonly gate?: GateName;
}

export interface Deferral {
  readonly until: Instant;
  readonly since: Instant;
  readonly job: Job;
  readonly failureClass: FailureClass | 'crash' | 'agent-error';
  readonly reason: string;
  /** What was seen, for people. */
  readonly evidence?: readonly string[];
}

export type FindingClass = FailureClass | 'crash' | 'agent-error' | 'refused' | 'landing-lost' | 'not-executed';

/** How a job failed last, as far as the log tells: what people need to know why the task does not move. */
export interface Failure extends ByRule {
  readonly job: Job;
  readonly class: FindingClass;
  readonly reason: string;
  /** Part of the job that failed; null where it has none. */
  readonly step: string | null;
  readonly exitCode: number | null;
  readonly program: string | null;
  /** What was seen or said, for people. */
  readonly evidence: readonly string[];
  /** The run whose output tells more; null where nothing ran. */
  readonly runId: string | null;
  /** How often in a row the job has failed, this time included. */
  readonly tries: number;
  /** Folders of submodules that the run found empty. */
  readonly emptyFolders?: FolderList;
  /** What is kept of the run's output, among the artifacts. */
  readonly output?: Digest;
}

/** Why the task is at development, when it came back to it. */
export interface SentBack {
  /** What branch and main have both changed, where that is the matter. */
  readonly conflictPaths?: readonly string[];
  readonly from: WorkStage;
  readonly reason: string;
  readonly failure: Failure | null;
  /** The gate that said no; absent where git or infrastructure did. */
  readonly gate?: GateName;
}

/** A change that a later stage had sent back, and that its developer has handed in again. */
export interface Reworked {
  /** The commit that was sent back. */
  readonly headOid: Oid | null;
  /** What the stage had written that sent it back; newer reports have come to the same name since. */
  readonly report?: Digest;
  readonly sentBack: SentBack;
}

/** A person lets a gate pass: for which commit, and until when. */
export interface Override {
  readonly revision: string;
  readonly gate: GateName;
  readonly by: string;
  readonly reason: string;
  /** Null: the whole gate. */
  readonly paths: readonly string[] | null;
  /** The branch's commit that it holds for; null: whatever is on the branch. */
  readonly headOid: Oid | null;
  readonly since: Instant;
  readonly expiresAt: Instant;
  /** Whether a gate has passed by it. What passes by itself needs none. */
  readonly isUsed: boolean;
}

/** The paths that a gate has named, at its latest answer, as speaking against the change. */
export interface Against {
  readonly gate: GateName;
  readonly headOid: Oid | null;
  readonly paths: readonly string[];
}

export interface Verdict {
  readonly revision: string;
  readonly stage: WorkStage;
  readonly status: string;
  readonly passed: boolean;
  readonly cause: string | null;
  readonly runId: string;
  readonly subjectOid: Oid | null;
  readonly treeOid: Oid | null;
  readonly baseOid: Oid | null;
  readonly suiteDigest: Digest | null;
  readonly environmentDigest: Digest | null;
  readonly policyDigest: Digest | null;
  readonly artifact: ArtifactRef | null;
  readonly producer: Producer;
  readonly source: 'runner' | 'agent';
  readonly at: Instant;
}

/** One incident of the task, by its key. */
export interface TaskAlert {
  readonly key: string;
  readonly state: AlertState;
  /** Whether the hold that began right before it is what it is about. */
  readonly isOfHold: boolean;
  /** The task has got on since: it is closed by the next decision, and in new logs by the same one. */
  readonly isOver: boolean;
}

/** A suite that ran beside the agent of its stage. */
export interface Shadow {
  readonly runId: string;
  readonly headOid: Oid;
  /** What would have been its verdict; null: it was not executed. */
  readonly status: string | null;
}

/** What the merge gate found out about this head on this base. */
export interface MergeEvidence {
  readonly headOid: Oid;
  readonly baseOid: Oid;
  readonly rebase: 'clean' | 'conflict';
  readonly newOid: Oid | null;
  readonly treeOid: Oid | null;
  readonly conflictPaths: readonly string[];
  readonly retest: 'green' | 'red' | 'inconclusive' | 'not-executed' | 'skipped' | null;
  readonly proof: SkipProof | null;
  /** The log of its re-test. */
  readonly artifact?: ArtifactRef;
}

/** A suite was red on this tree, and has not run on it a second time yet. */
export interface RedOnce {
  readonly exitCode: number | null;
  readonly failed?: readonly string[];
  readonly runId: string;
  readonly suiteDigest: Digest;
  readonly treeOid: Oid;
}

/** What a job found out for its gate. */
export interface Evidence {
  readonly revision: string;
  readonly subjectOid: Oid;
  readonly runId: string | null;
  readonly data: JsonObject;
}

/** A deploy of which the log has the beginning. */
export interface DeployBegun {
  readonly oid: Oid;
  readonly runId: string;
  readonly since: Instant;
}

/** What polls have seen so far of a deployed change, since its stage began, a person asked anew, or it is asked in another way. */
export interface MonitorWindow {
  /** The way in which all of its polls were made; missing where an older release made them. */
  readonly asked?: Digest;
  readonly polls: number;
  readonly bad: number;
  /** Of the bad ones, how many are the newest. */
  readonly badInRow: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** What the newest bad ones have seen, latest last. */
  readonly seen: readonly BadPoll[];
}

export interface BadPoll {
  readonly poll: number;
  readonly at: Instant;
  readonly seen: string;
}

export interface QueuedRequest {
  readonly request: RequestKind;
  readonly by: string;
  readonly reason: string;
  readonly headOid: Oid | null;
}

/** A landing whose owner went away: main may or may not have moved, and only git can tell. */
export interface InterruptedLanding {
  readonly intent: LandingIntent;
  readonly token: ClaimToken;
  /** Its recovery cannot get through: nothing is tried again until a person releases the task. */
  readonly needsPerson: boolean;
}

/** What the last run under a grant of the lane came to, where it came to something. */
export interface LaneRun {
  readonly epoch: LaneEpoch;
  readonly outcome: LaneOutcome;
}

/** A task that has to land first, and how it ended as far as this one has taken note of it. */
export interface Dependency {
  readonly taskId: TaskId;
  readonly end: DependencyEnd | null;
}

export interface SubmittedTask {
  readonly kind: 'submitted';
  readonly revision: bigint;
  readonly id: TaskId;
  readonly project: string;
  readonly title: string;
  /** What is to be done, as it was submitted: up to 64 KiB. */
  readonly description: string | null;
  readonly branch: string;
  readonly startStage: PipelineStage;
  readonly priority: number;
  /** Tasks that have to land before this one is staged, in the order of the submission. */
  readonly dependsOn: readonly Dependency[];
  readonly submittedAt: Instant;
  readonly stage: Stage;
  readonly stageSince: Instant;
  readonly headOid: Oid | null;
  /** Head with which development was entered; only another one is a rework. */
  readonly developedFrom: Oid | null;
  readonly claim: OpenClaim | null;
  /** Claims that were taken away from this step, which has no answer yet; latest last. */
  readonly takenAway: readonly OpenClaim[];
  readonly interruptedLanding: InterruptedLanding | null;
  readonly hold: Hold | null;
  /** Jobs that ended without a result and without a cost, by way and job (`freeEndsAfter`). */
  readonly freeEnds: Readonly<Record<string, number>>;
  readonly deferral: Deferral | null;
  /** Retries used, by `budgetId`. */
  readonly spent: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Partial<Record<WorkStage, Verdict>>>;
  /** Exit gates that said `pass`, of this stage and the ones before it; entering a stage again voids its own and later ones. */
  readonly gatesPassed: readonly GateName[];
  /** Exit gates of this stage that said `not-configured`. Whether that lets the task through is for the policy to say. */
  readonly gatesUnconfigured: readonly GateName[];
  /** Exit gates that an override answered, kept as `gatesPassed` is. Whether it still counts is for the clock to say. */
  readonly gatesOverridden: readonly GateName[];
  /** What a person may waive; null where the gate that answered last has named no paths. */
  readonly against: Against | null;
  /** The newest of each gate and scope, whether it still counts or not. */
  readonly overrides: readonly Override[];
  /** Who has done the work of a role under a claim from outside: they override no gate that judges it. */
  readonly authors: Readonly<Partial<Record<AgentRole, readonly string[]>>>;
  readonly merge: MergeEvidence | null;
  /** What suites that ran beside an agent came to, the newest of each stage. Nothing is decided by it. */
  readonly shadows: Readonly<Partial<Record<WorkStage, Shadow>>>;
  readonly redOnce: RedOnce | null;
  /** What jobs brought last for their gates. A gate asks `evidenceFor`, which knows whether it is about the right commit. */
  readonly evidence: Readonly<Partial<Record<GateName, Evidence>>>;
  /** main already has every change of this head. */
  readonly nothingToLand: boolean;
  /** Digests of everything that was ever recorded under an artifact's name, latest last. */
  readonly artifacts: Readonly<Record<string, readonly Digest[]>>;
  /** Its command was started, or was about to be, and nothing says how it ended. */
  readonly deployBegun: DeployBegun | null;
  /** Null before the first poll. */
  readonly monitor: MonitorWindow | null;
  /** Those that are not closed, and of the others the newest. */
  readonly alerts: readonly TaskAlert[];
  readonly landed: { readonly newOid: Oid; readonly baseOid: Oid; readonly at: Instant } | null;
  /** Where the branch went after landing, as far as it has been noted. */
  readonly headAfterLanding: Oid | null;
  /** Asked for while a landing was under way, and answered with its outcome; empty at any other time. */
  readonly requests: readonly QueuedRequest[];
  /** Since when a lock kept the task waiting, without a run in between. */
  readonly lockBusySince: Instant | null;
  /** The staging-runner could not be started at this stage: a deployer stands in for it, if there is one. */
  readonly runnerUnavailable: boolean;
  /** Job whose infra budget ran out and that nobody has released yet. */
  readonly exhausted: Job | null;
  /** What failed last and has neither succeeded nor been forgiven since. */
  readonly failure: Failure | null;
  /** Told to the lane when the task lets go of it. */
  readonly laneRun: LaneRun | null;
  /** Set while the task is at development because a later stage sent it back. */
  readonly sentBack: SentBack | null;
  /** What the change came back for the last time, once it is repaired: whoever judges it again has to know. */
  readonly reworked: Reworked | null;
  /** The first event of its stream that cannot be relied on: the task is as it was before, and moves no further. */
  readonly damage: Damage | null;
  /** Why the task left the pipeline or was last sent back; for people. */
  readonly lastReason: string | null;
}

export interface UnknownTask {
  readonly kind: 'unknown';
  readonly revision: 'no-stream';
}

export type Task = UnknownTask | SubmittedTask;

export function initialTask(): Task {
  return { kind: 'unknown', revision: 'no-stream' };
}

export function budgetId(key: BudgetKey): string {
  return `${key.budget}:${key.key}`;
}

export function spentOf(task: SubmittedTask, key: BudgetKey): number {
  return task.spent[budgetId(key)] ?? 0;
}

/** The open claim, if it is the one that an event cites. */
export function citedClaim({ claim }: SubmittedTask, token: ClaimToken | undefined): OpenClaim | null {
  return claim?.token === token ? claim : null;
}

/** Between the landing intent and its outcome nobody but git knows where the task stands. */
export function isLanding({ claim, interruptedLanding }: SubmittedTask): boolean {
  return interruptedLanding !== null || (claim !== null && movesMain(claim.job));
}

/** A recovery needs a grant that is newer than the interrupted landing's: only that shuts the old owner out of git. */
export function isNewerGrant({ interruptedLanding }: SubmittedTask, epoch: LaneEpoch): boolean {
  return interruptedLanding === null || BigInt(epoch) > BigInt(interruptedLanding.intent.epoch);
}

/** Whether a head is work: development did not begin with it. */
export function isNewWork({ developedFrom }: SubmittedTask, headOid: Oid | null): boolean {
  return headOid !== null && headOid !== developedFrom;
}

/** Sent back by policy because infrastructure gave up: nothing is known about the change, good or bad. */
export function isUntested({ sentBack }: SubmittedTask): boolean {
  return sentBack?.reason === 'infra-exhausted';
}

/** The claim's time is over: by the wall clock, or, where that was set back, by how long the claim has been watched. */
export function isOverdue(
  { since, deadlineAt, outside }: Pick<OpenClaim, 'since' | 'deadlineAt' | 'outside'>,
  now: Instant,
  { watchedMs = 0 }: { readonly watchedMs?: number },
): boolean {
  return epochMs(deadlineAt) <= epochMs(now) || watchedMs >= epochMs(deadlineAt) - epochMs(outside?.heardAt ?? since);
}
