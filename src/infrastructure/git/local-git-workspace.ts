import {
  GitWorkspace,
  type DisposableClone,
  type FetchedHeads,
  type FilesNote,
  type Landing,
  type LandingOutcome,
  type LandingRecovery,
  type LaneLease,
  type RebaseOutcome,
  type RepositoryFacts,
  type RepositoryRef,
  type UpkeepOptions,
} from '../../application/ports/git-workspace';
import type { Logger } from '../../application/ports/logger';
import type { ChangedFile } from '../../domain/gates/coverage/coverage-report';
import type { RevertAnswer, RevertQuestion } from '../../domain/gates/revert/silent-reverts';
import type { ChangedEntry, TreeFile, TrialPlan } from '../../domain/gates/judge/judge-change';
import type { Oid, TaskId } from '../../domain/ids';
import type { LandingIdentity, TextMarker } from '../../domain/policy/project-policy';
import { changedLines, filePaths } from './contents/changed-lines';
import { blobTexts, changedEntries, commitTrial, treeFiles } from './contents/judge-trees';
import { lostTexts } from './contents/lost-texts';
import { Clones } from './run-clone/clones';
import { takeEpoch } from './landing/epoch';
import { Git } from './command/git-command';
import { inspectRepository } from './inspect';
import { land } from './landing/landing';
import { landedCommit } from './landing/landed-commit';
import { recoverLanding } from './landing/landing-recovery';
import { OwnClone } from './own-clone/own-clone';
import { publishArtifacts } from './landing/publish-artifacts';
import { landedTasks } from './landing/landed-tasks';
import { silentReverts } from './reverts/silent-reverts';
import { rebaseOnto } from './rebase/rebase';
import { headsOf } from './landing/ref-facts';
import { WorkFolders } from './run-clone/work-folders';
import { workTreeEnvironment } from './command/git-environment';
import { Following } from './work-tree/follow';
import { followedOf, settleAll } from './work-tree/settle';

export interface WorkspaceOptions {
  readonly stateDir: string;
  readonly worker: string;
  readonly logger?: Logger;
  readonly isDead?: (worker: string) => boolean;
}

/** Target repositories on this machine's file system, bare or not. */
export class LocalGitWorkspace extends GitWorkspace {
  private readonly own: OwnClone;
  private readonly folders: WorkFolders;
  private readonly clones: Clones;
  private readonly git = new Git();
  private readonly gits = { isolated: this.git, ofUser: new Git('/dev/null', workTreeEnvironment) };
  private readonly following: Following;

  /**
   * @param options `worker` is this process in the words of `WorkerHost`: its work folders and markers bear the name; `isDead`
   *   says of which others it is certain that they are gone.
   */
  constructor({ stateDir, worker, logger, isDead = () => false }: WorkspaceOptions) {
    super();
    this.following = new Following(this.gits, { worker, isDead });
    this.folders = new WorkFolders(stateDir, worker);
    this.own = new OwnClone(stateDir, this.folders, logger);
    this.clones = new Clones(this.folders, this.own);
  }

  inspect(repository: RepositoryRef, branch: string): Promise<RepositoryFacts> {
    return inspectRepository(repository, branch);
  }

  async heads({ path }: RepositoryRef, branches: readonly string[]): Promise<ReadonlyMap<string, Oid | null>> {
    if (branches.length === 0) return new Map();
    const heads = await headsOf(this.git, path, branches);
    return new Map(branches.map((branch) => [branch, heads.get(branch) ?? null]));
  }

  fetch(repository: RepositoryRef, task: TaskId, branch: string): Promise<FetchedHeads> {
    return this.own.fetch(repository, task, branch);
  }

  disposableClone(
    repository: RepositoryRef,
    options: { oid: Oid; baseOid: Oid; depth: 'full' | number; name: string; branch?: string },
  ): Promise<DisposableClone> {
    return this.clones.disposable(repository, options);
  }

  agentClone(
    repository: RepositoryRef,
    options: { branch: string; baseOid: Oid; name: string },
  ): Promise<DisposableClone> {
    return this.clones.forAgent(repository, options);
  }

  async rebase(
    repository: RepositoryRef,
    asked: { task: TaskId; branch: string; headOid: Oid; baseOid: Oid; identity?: LandingIdentity },
  ): Promise<RebaseOutcome> {
    return this.own.through(repository, async (view) => {
      const outcome = await rebaseOnto(this.git, {
        ...asked,
        bare: view.dir,
        main: repository.main,
        trees: this.own.trees,
      });
      if (outcome.kind === 'rebased') await this.own.keep(view, asked.task, outcome.newOid);
      return outcome;
    });
  }

  async keepCandidate(repository: RepositoryRef, task: TaskId, oid: Oid): Promise<{ treeOid: string }> {
    return this.own.through(repository, async (view) => {
      await this.own.keep(view, task, oid);
      const args = ['rev-parse', '--verify', '--end-of-options', `${oid}^{tree}`];
      return { treeOid: await this.git.text(args, { cwd: view.dir }) };
    });
  }

  treeOf(repository: RepositoryRef, oid: Oid): Promise<Oid | null> {
    return this.own.through(repository, async ({ dir: cwd }) => {
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${oid}^{tree}`];
      const { exitCode, stdout } = await this.git.run(args, { cwd, answers: [0, 1] });
      return exitCode === 0 ? stdout.trim() : null;
    });
  }

  changedLines(repository: RepositoryRef, asked: { from: Oid; to: Oid }): Promise<readonly ChangedFile[]> {
    return this.own.through(repository, ({ dir }) => changedLines(this.git, dir, asked));
  }

  filePaths(repository: RepositoryRef, oid: Oid): Promise<ReadonlySet<string>> {
    return this.own.through(repository, ({ dir }) => filePaths(this.git, dir, oid));
  }

  silentReverts(repository: RepositoryRef, question: RevertQuestion): Promise<RevertAnswer> {
    return this.own.through(repository, async ({ dir }) => {
      const answer = await silentReverts(this.git, dir, question);
      const named = answer.landed.map(({ oid }) => oid);
      return { ...answer, tasks: await landedTasks(this.git, repository, named) };
    });
  }

  changedEntries(repository: RepositoryRef, asked: { from: Oid; to: Oid }): Promise<readonly ChangedEntry[]> {
    return this.own.through(repository, ({ dir }) => changedEntries(this.git, dir, asked));
  }

  treeFiles(
    repository: RepositoryRef,
    oid: Oid,
  ): Promise<{ readonly files: ReadonlyMap<string, TreeFile>; readonly links: ReadonlyMap<string, string> }> {
    return this.own.through(repository, ({ dir }) => treeFiles(this.git, dir, oid));
  }

  blobTexts(repository: RepositoryRef, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, string>> {
    return this.own.through(repository, ({ dir }) => blobTexts(this.git, dir, oids));
  }

  commitTrial(
    repository: RepositoryRef,
    asked: { onto: Oid; plan: TrialPlan },
  ): Promise<{ readonly oid: Oid; readonly treeOid: Oid }> {
    return this.own.through(repository, ({ dir }) => commitTrial(this.git, dir, asked));
  }

  lostTexts(
    repository: RepositoryRef,
    asked: { from: Oid; to: Oid; markers: readonly TextMarker[] },
  ): Promise<readonly TextMarker[]> {
    return this.own.through(repository, ({ dir }) => lostTexts(this.git, dir, asked));
  }

  takeEpoch(repository: RepositoryRef, grant: { task: TaskId; epoch: string; log: string }): Promise<LaneLease> {
    return takeEpoch(this.git, repository, grant);
  }

  land(repository: RepositoryRef, landing: Landing): Promise<LandingOutcome> {
    return this.own.through(repository, ({ dir: bare }) =>
      land({ git: this.git, repository, bare, following: this.following }, landing),
    );
  }

  async recoverLanding(repository: RepositoryRef, landing: Landing): Promise<LandingRecovery> {
    const recovered = await recoverLanding(this.git, repository, landing);
    if (recovered.kind !== 'landed') return recovered;
    const notes = await this.settleFiles(repository);
    const note = notes.find(({ task }) => task === landing.task);
    return note ? { ...recovered, followed: followedOf(note) } : recovered;
  }

  landedCommit(
    repository: RepositoryRef,
    landed: { task: TaskId; oid: Oid },
  ): Promise<{ readonly treeOid: Oid; readonly newer: TaskId | null }> {
    return this.own.anew(repository, (view) => landedCommit(view, repository, landed));
  }

  settleFiles(repository: RepositoryRef): Promise<readonly FilesNote[]> {
    return settleAll(this.gits, repository, this.following.asker);
  }

  publishArtifacts(repository: RepositoryRef, task: TaskId, files: ReadonlyMap<string, string>): Promise<void> {
    return publishArtifacts(this.git, repository, task, files);
  }

  keepUp(repository: RepositoryRef, options: UpkeepOptions): Promise<void> {
    return this.own.keepUp(repository, options);
  }

  async removeLeftovers(isOwnerDead: (worker: string) => boolean): Promise<void> {
    await this.folders.removeOf(isOwnerDead);
  }
}
