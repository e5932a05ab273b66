import type { RevertAnswer, RevertQuestion } from '../../domain/gates/revert/silent-reverts';
import type { ChangedFile } from '../../domain/gates/coverage/coverage-report';
import type { ChangedEntry, TreeFile, TrialPlan } from '../../domain/gates/judge/judge-change';
import type { Oid, TaskId } from '../../domain/ids';
import type { BranchFault, Followed, FolderList, RebaseNotes } from '../../domain/task/task.events';
import type { LandingIdentity, SubmoduleSource, TextMarker } from '../../domain/policy/project-policy';
import { InfrastructureError } from './infrastructure-error';

/** A target repository as configured: an absolute path (bare or not) and the name of its main branch. */
export interface RepositoryRef {
  readonly project: string;
  readonly path: string;
  readonly main: string;
  /** Where the content of submodules comes from. Absent: from nowhere. */
  readonly submodules?: SubmoduleSources;
}

export interface SubmoduleSources {
  readonly allowed: readonly SubmoduleSource[];
  /** What its user's git has fetched of them into the repository counts as well. */
  readonly includesOwn: boolean;
}

/** What a person must be told before anything starts. */
export interface RepositoryFacts {
  /** Absolute git directory (the common one, for a linked worktree): the same from wherever one looks. */
  readonly gitDir: string;
  readonly mainOid: Oid | null;
  readonly branchOid: Oid | null;
  /** Work tree in which main is checked out, if any. */
  readonly mainCheckedOutAt: string | null;
  /**
   * Why the files there cannot follow a landing: git keeps a note of a folder that is gone, several have main checked out, or
   * a git directory that lies apart does not say where they are. Null when they can, or there are none.
   */
  readonly cannotFollow: 'gone' | 'several' | 'unknown' | null;
  /** What the repository does not have of its history, if anything: nothing can be tested or rebased without it. */
  readonly incomplete: 'shallow' | 'partial' | null;
  /** Branch and main have no commit in common. */
  readonly isUnrelated: boolean;
  /** Work tree in which the branch is checked out with uncommitted changes, if any. */
  readonly branchDirtyAt: string | null;
  /** What the branch needs and runs cannot be given, a line each. */
  readonly unsupported: readonly string[];
  /** Folders of submodules that runs find empty; absent where there are none. */
  readonly emptyFolders?: FolderList;
}

export interface FetchedHeads {
  readonly headOid: Oid;
  readonly headTree: Oid;
  readonly baseOid: Oid;
  /** main's commit is an ancestor of the head: the branch is current. */
  readonly containsBase: boolean;
  /** The head is already part of main. */
  readonly alreadyInMain: boolean;
}

export interface DisposableClone {
  readonly dir: string;
  /** Folders of submodules that are empty; absent where there are none. */
  readonly emptyFolders?: FolderList;
  dispose(): Promise<void>;
}

export type RebaseOutcome =
  | { readonly kind: 'rebased'; readonly newOid: Oid; readonly treeOid: Oid; readonly notes?: RebaseNotes }
  | { readonly kind: 'nothing-left'; readonly notes?: RebaseNotes }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/** The lane's grant as it stands in the target: where, and what. A landing verifies that it is still in force. */
export interface LaneLease {
  readonly ref: string;
  readonly oid: Oid;
}

/** What the landing claim recorded before anything was touched. */
export interface Landing {
  readonly task: TaskId;
  readonly branch: string;
  /** Head that was gated; the transaction verifies that the branch still is there. */
  readonly headOid: Oid;
  readonly newOid: Oid;
  readonly baseOid: Oid;
  readonly lease: LaneLease;
  /** For the reflog. */
  readonly claimRevision: string;
}

/** What was found of a landing that was cut short between main and the files of its work tree. */
export type FilesNote = { readonly task: TaskId; readonly at: string } & (
  | ({ readonly kind: 'finished' } & Pick<Followed, 'left' | 'fault'>)
  /** Somebody has gone on since: nothing was touched. */
  | { readonly kind: 'left'; readonly text: string }
  | { readonly kind: 'busy'; readonly text: string }
);

export type LandingOutcome =
  | { readonly kind: 'landed'; readonly followed?: Followed }
  | { readonly kind: 'main-moved' }
  | { readonly kind: 'head-moved' }
  /** The lane was granted to somebody else meanwhile. */
  | { readonly kind: 'epoch-lost' }
  /** The service's own clone does not have the candidate any more: it was damaged, and made anew. */
  | { readonly kind: 'candidate-lost' }
  /** A ref lock is held; nothing changed. */
  | { readonly kind: 'lock-busy'; readonly detail: string };

export type LandingRecovery =
  | { readonly kind: 'landed'; readonly recovered: true; readonly followed?: Followed }
  | { readonly kind: 'not-landed' }
  | { readonly kind: 'lock-busy'; readonly detail: string };

export interface UpkeepOptions {
  /** Whether the log says that the task is at its end: no job of it begins any more. */
  readonly isFinal: (task: TaskId) => Promise<boolean>;
  /** Ends it at once, wherever it is. */
  readonly signal: AbortSignal;
}

/**
 * Everything the service does with git. It works in an own bare clone and own worktrees under the state directory, never
 * inside a repository that an agent or a person writes to, except for fetches and the one landing transaction.
 * Expected outcomes are values; anything else is a `GitError`.
 */
export abstract class GitWorkspace {
  /** Reads only, and runs nothing that the repository configures. */
  abstract inspect(repository: RepositoryRef, branch: string): Promise<RepositoryFacts>;
  /** Current heads of the given branches in the target; null where a branch does not exist. */
  abstract heads(repository: RepositoryRef, branches: readonly string[]): Promise<ReadonlyMap<string, Oid | null>>;
  /**
   * Fetches main and the branch into the own clone. Rejects with `GIT_BRANCH_MISSING` when the branch is gone, and with
   * `BranchUnusable` when git cannot work with what is on it.
   */
  abstract fetch(repository: RepositoryRef, task: TaskId, branch: string): Promise<FetchedHeads>;
  /**
   * A clone made for one run: detached at `oid`, no path back to the service's own clone. A full one has main as a branch, at
   * `baseOid`, the tags of both histories, and, where it is named, the branch at `oid`. Rejects with `GIT_UNSUPPORTED` where it would not hold what the branch is about.
   */
  abstract disposableClone(
    repository: RepositoryRef,
    options: { oid: Oid; baseOid: Oid; depth: 'full' | number; name: string; branch?: string },
  ): Promise<DisposableClone>;
  /**
   * A clone for an agent that commits: the task branch checked out, main beside it at `baseOid`, and `origin` pointing at the
   * target repository.
   */
  abstract agentClone(
    repository: RepositoryRef,
    options: { branch: string; baseOid: Oid; name: string },
  ): Promise<DisposableClone>;
  /**
   * Rebases head onto base and keeps the result at refs/stagegate/out/…; the branch is never moved.
   * Rejects with `BranchUnusable` when a commit of the branch stands in the way, or the two have nothing in common, and with
   * `GIT_SIGNING_FAILED` when the key of the identity cannot sign.
   */
  abstract rebase(
    repository: RepositoryRef,
    options: { task: TaskId; branch: string; headOid: Oid; baseOid: Oid; identity?: LandingIdentity },
  ): Promise<RebaseOutcome>;
  /** Keeps `oid` at refs/stagegate/out/… without a rebase (the skip-proof path). */
  abstract keepCandidate(repository: RepositoryRef, task: TaskId, oid: Oid): Promise<{ treeOid: Oid }>;
  /** Tree of a commit that the own clone has; null where it has no such commit. */
  abstract treeOf(repository: RepositoryRef, oid: Oid): Promise<Oid | null>;
  /**
   * The lines that `to` adds or alters against `from`, by file; both are commits of the own clone. What was only moved has none; links,
   * submodules and files that are gone are left out.
   */
  abstract changedLines(repository: RepositoryRef, options: { from: Oid; to: Oid }): Promise<readonly ChangedFile[]>;
  /** Paths of all files of a commit that the own clone has; links and submodules are none. */
  abstract filePaths(repository: RepositoryRef, oid: Oid): Promise<ReadonlySet<string>>;
  /** What a candidate takes back of what main has; all its commits are of the own clone. */
  abstract silentReverts(repository: RepositoryRef, question: RevertQuestion): Promise<RevertAnswer>;
  /** Paths in which two commits of the own clone differ; a rename is what is gone, and what is new. */
  abstract changedEntries(repository: RepositoryRef, options: { from: Oid; to: Oid }): Promise<readonly ChangedEntry[]>;
  /** All files of a commit that the own clone has, and where its links lead. */
  abstract treeFiles(
    repository: RepositoryRef,
    oid: Oid,
  ): Promise<{ readonly files: ReadonlyMap<string, TreeFile>; readonly links: ReadonlyMap<string, string> }>;
  /** Texts of blobs of the own clone; those that are none, or very large, are missing. */
  abstract blobTexts(repository: RepositoryRef, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, string>>;
  /** A commit on top of one of the own clone that differs from it as the plan says; to be cloned soon, as nothing keeps it. */
  abstract commitTrial(
    repository: RepositoryRef,
    options: { onto: Oid; plan: TrialPlan },
  ): Promise<{ readonly oid: Oid; readonly treeOid: Oid }>;
  /** Which texts `from` has in their files and `to` has not: both are commits of the own clone. */
  abstract lostTexts(
    repository: RepositoryRef,
    options: { from: Oid; to: Oid; markers: readonly TextMarker[] },
  ): Promise<readonly TextMarker[]>;
  /**
   * Writes the lane's epoch into the target: whoever holds an older one of the same log can no longer land. Idempotent.
   *
   * @param grant `log` names the log whose lane it is: epochs of different logs say nothing about each other.
   */
  abstract takeEpoch(
    repository: RepositoryRef,
    grant: { task: TaskId; epoch: string; log: string },
  ): Promise<LaneLease>;
  /**
   * Moves main, once. Rejects with `GIT_OUTCOME_UNKNOWN` when main may or may not have moved (ask `recoverLanding`); after
   * every other rejection nothing has changed.
   */
  abstract land(repository: RepositoryRef, landing: Landing): Promise<LandingOutcome>;
  /** Finds out whether an interrupted landing happened, and completes its record if so. */
  abstract recoverLanding(repository: RepositoryRef, landing: Landing): Promise<LandingRecovery>;
  /**
   * Brings a landed commit into the own clone. `newer`: another landed task of the project whose commit contains it; null
   * where none does.
   */
  abstract landedCommit(
    repository: RepositoryRef,
    landed: { task: TaskId; oid: Oid },
  ): Promise<{ readonly treeOid: Oid; readonly newer: TaskId | null }>;
  /** Finishes the files of landings that were cut short after main had moved; those of processes that are gone only. */
  abstract settleFiles(repository: RepositoryRef): Promise<readonly FilesNote[]>;
  /** Keeps artifacts in the target at refs/stagegate/artifacts/…; the same content makes no new commit. */
  abstract publishArtifacts(repository: RepositoryRef, task: TaskId, files: ReadonlyMap<string, string>): Promise<void>;
  /**
   * Tidies the own clone where it has gathered much: forgets what final tasks had, and packs the rest. May go on beside jobs of
   * this and of other processes, and may be killed at any point.
   */
  abstract keepUp(repository: RepositoryRef, options: UpkeepOptions): Promise<void>;
  /** Removes folders of processes that are certainly gone; of those only, and never rejects for one that will not go. */
  abstract removeLeftovers(isOwnerDead: (worker: string) => boolean): Promise<void>;
}

/**
 * Codes: GIT_NOT_A_REPOSITORY GIT_BRANCH_MISSING GIT_MAIN_MISSING GIT_LOCKED GIT_TIMEOUT GIT_UNSUPPORTED GIT_FAILED
 * GIT_LANDED_BEFORE GIT_FILES_IN_THE_WAY GIT_CLONE_DAMAGED GIT_MAIN_UNUSABLE GIT_OUTCOME_UNKNOWN GIT_SIGNING_FAILED; of
 * `BranchUnusable` GIT_BRANCH_UNUSABLE; of what workers from outside do on their own machine GIT_BRANCH_MOVED.
 */
export class GitError extends InfrastructureError {}

/** What is wrong is the branch itself: neither waiting nor another machine helps, another commit does. */
export class BranchUnusable extends GitError {
  /** @param headOid the branch's commit that this is about. @param message one line for whoever wrote the branch. */
  constructor(
    readonly fault: BranchFault,
    readonly headOid: Oid,
    message: string,
  ) {
    super('GIT_BRANCH_UNUSABLE', message);
  }
}
