import {
  GitError,
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
} from '../../src/application/ports/git-workspace';
import type { ChangedFile } from '../../src/domain/gates/coverage/coverage-report';
import type { RevertAnswer, RevertQuestion } from '../../src/domain/gates/revert/silent-reverts';
import type { ChangedEntry, TreeFile, TrialPlan } from '../../src/domain/gates/judge/judge-change';
import type { TextMarker } from '../../src/domain/policy/project-policy';
import { revertAnswer } from './sim-reverts';
import { blocksOf, changedBlocks } from './sim-coverage';
import { filesOf, judgeEntries, trialOf } from './sim-judges';
import type { SimRepository } from './sim-repository';
import type { SimProcess, World } from './world';

/** git as the service sees it, on a repository that lives in memory: the same outcomes, locks, time-outs and lost answers. */
export class SimGit extends GitWorkspace {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
    private readonly repository: SimRepository,
  ) {
    super();
  }

  inspect(): Promise<RepositoryFacts> {
    throw new Error('nobody inspects a simulated repository');
  }

  heads({ main }: RepositoryRef, branches: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    return this.command(
      'heads',
      () =>
        new Map(
          branches.map((branch) => [
            branch,
            branch === main ? this.repository.main : (this.repository.branches.get(branch) ?? null),
          ]),
        ),
    );
  }

  fetch(_repository: RepositoryRef, _task: string, branch: string): Promise<FetchedHeads> {
    return this.command('fetch', () => {
      const headOid = this.repository.branches.get(branch);
      if (!headOid) throw new GitError('GIT_BRANCH_MISSING', branch);
      const baseOid = this.repository.main;
      return {
        headOid,
        headTree: this.repository.get(headOid).tree,
        baseOid,
        containsBase: this.repository.isAncestor(baseOid, headOid),
        alreadyInMain: this.repository.isAncestor(headOid, baseOid),
      };
    });
  }

  disposableClone(_repository: RepositoryRef, { oid }: { oid: string }): Promise<DisposableClone> {
    return this.command('clone', () => ({
      dir: `/clone/${this.repository.get(oid).oid}`,
      dispose: () => Promise.resolve(),
    }));
  }

  agentClone(_repository: RepositoryRef, { branch }: { branch: string }): Promise<DisposableClone> {
    return this.command('agent clone', () => ({ dir: `/agent/${branch}`, dispose: () => Promise.resolve() }));
  }

  rebase(
    _repository: RepositoryRef,
    { headOid, baseOid }: { headOid: string; baseOid: string },
  ): Promise<RebaseOutcome> {
    return this.command('rebase', () => {
      const made = this.repository.rebase(headOid, baseOid);
      if (made === 'conflict') return { kind: 'conflict', paths: ['shared.txt'] };
      return { kind: 'rebased', newOid: made.oid, treeOid: made.tree };
    });
  }

  keepCandidate(_repository: RepositoryRef, _task: string, oid: string): Promise<{ treeOid: string }> {
    return this.command('keep', () => ({ treeOid: this.repository.get(oid).tree }));
  }

  treeOf(_repository: RepositoryRef, oid: string): Promise<string | null> {
    return this.command('tree of', () => this.repository.commits.get(oid)?.tree ?? null);
  }

  changedLines(
    _repository: RepositoryRef,
    { from, to }: { from: string; to: string },
  ): Promise<readonly ChangedFile[]> {
    return this.command('changed lines', () => changedBlocks(this.repository, from, to));
  }

  filePaths(_repository: RepositoryRef, oid: string): Promise<ReadonlySet<string>> {
    return this.command('paths', () => new Set(blocksOf(this.repository, oid).keys()));
  }

  silentReverts(_repository: RepositoryRef, question: RevertQuestion): Promise<RevertAnswer> {
    return this.command('silent reverts', () => revertAnswer(this.repository, question));
  }

  changedEntries(_repository: RepositoryRef, asked: { from: string; to: string }): Promise<readonly ChangedEntry[]> {
    return this.command('changed entries', () => judgeEntries(this.repository, asked));
  }

  treeFiles(
    _repository: RepositoryRef,
    oid: string,
  ): Promise<{ readonly files: ReadonlyMap<string, TreeFile>; readonly links: ReadonlyMap<string, string> }> {
    return this.command('tree', () => ({ files: filesOf(this.repository, oid), links: new Map<string, string>() }));
  }

  blobTexts(): Promise<ReadonlyMap<string, string>> {
    return this.command('blobs', () => new Map<string, string>());
  }

  commitTrial(
    _repository: RepositoryRef,
    { onto, plan }: { onto: string; plan: TrialPlan },
  ): Promise<{ readonly oid: string; readonly treeOid: string }> {
    return this.command('trial', () => trialOf(this.repository, onto, plan));
  }

  lostTexts(
    _repository: RepositoryRef,
    { from, to, markers }: { from: string; to: string; markers: readonly TextMarker[] },
  ): Promise<readonly TextMarker[]> {
    return this.command('grep', () =>
      this.repository.hasMarker(from) && !this.repository.hasMarker(to) ? markers : [],
    );
  }

  takeEpoch(_repository: RepositoryRef, { epoch, log }: { epoch: string; log: string }): Promise<LaneLease> {
    return this.command('take epoch', () => {
      const { epochs } = this.repository;
      const current = epochs.get(log);
      if (current === undefined || BigInt(epoch) > BigInt(current)) epochs.set(log, epoch);
      return { ref: log, oid: epoch };
    });
  }

  land(_repository: RepositoryRef, landing: Landing): Promise<LandingOutcome> {
    const { repository, world } = this;
    return this.command(
      'land',
      (): LandingOutcome => {
        const { task, newOid, lease } = landing;
        const before = this.recovered(landing);
        if (before) return { kind: 'landed' };
        if (repository.landedRefs.has(task)) throw new GitError('GIT_LANDED_BEFORE', task);
        if (repository.epochs.get(lease.ref) !== lease.oid) return { kind: 'epoch-lost' };
        if (world.faults.disownsHead(landing.branch)) return { kind: 'head-moved' };
        if (repository.branches.get(landing.branch) !== landing.headOid) return { kind: 'head-moved' };
        if (repository.main !== landing.baseOid) return { kind: 'main-moved' };
        repository.mainLog.push(newOid);
        repository.landedBy.push({ task, newOid });
        if (world.faults.tearsLanding()) throw lostLanding();
        repository.landedRefs.set(task, newOid);
        return { kind: 'landed' };
      },
      lostLanding,
    );
  }

  recoverLanding(_repository: RepositoryRef, landing: Landing): Promise<LandingRecovery> {
    return this.command('recover landing', (): LandingRecovery => {
      return this.recovered(landing) ? { kind: 'landed', recovered: true } : { kind: 'not-landed' };
    });
  }

  landedCommit(_repository: RepositoryRef, { task, oid }: { task: string; oid: string }) {
    return this.command('landed commit', () => {
      const { landedRefs } = this.repository;
      const isNewer = ([other, at]: [string, string]) =>
        other !== task && at !== oid && this.repository.isAncestor(oid, at);
      return { treeOid: this.repository.get(oid).tree, newer: [...landedRefs].find(isNewer)?.[0] ?? null };
    });
  }

  settleFiles(): Promise<readonly FilesNote[]> {
    return Promise.resolve([]);
  }

  publishArtifacts(): Promise<void> {
    return this.command('publish artifacts', () => undefined);
  }

  keepUp(): Promise<void> {
    return Promise.resolve();
  }

  removeLeftovers(): Promise<void> {
    return Promise.resolve();
  }

  /** The landed record decides; where main moved without it, it is made good. */
  private recovered({ task, newOid }: Landing): boolean {
    const { landedRefs, landedBy, main, commits } = this.repository;
    if (landedRefs.get(task) === newOid) return true;
    if (!commits.has(newOid) || !this.repository.isAncestor(newOid, main)) return false;
    landedRefs.set(task, newOid);
    // Merged by hand meanwhile, exactly as it would have been landed: then it has landed.
    if (!landedBy.some((landed) => landed.task === task)) landedBy.push({ task, newOid });
    return true;
  }

  private command<T>(label: string, effect: () => T, lost: () => Error = timedOut): Promise<T> {
    const { faults, random } = this.world;
    const guarded = () => {
      if (faults.happens(faults.lockRate)) throw new GitError('GIT_LOCKED', 'somebody holds a lock');
      return effect();
    };
    return this.world.request(this.process, label, guarded, lost, random.between(5, 300));
  }
}

function timedOut(): Error {
  return new GitError('GIT_TIMEOUT', 'git took too long');
}

function lostLanding(): Error {
  return new GitError('GIT_OUTCOME_UNKNOWN', 'git did not say how it ended');
}
