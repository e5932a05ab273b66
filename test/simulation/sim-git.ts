import {
  GitError,
  GitWorkspace,
  type DisposableClone,
  type FetchedHeads,
  type Landing,
  type LandingOutcome,
  type LandingRecovery,
  type RebaseOutcome,
  type RepositoryFacts,
  type RepositoryRef,
} from '../../src/application/ports/git-workspace';
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

  heads(_repository: RepositoryRef, branches: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    return this.command(
      'heads',
      () => new Map(branches.map((branch) => [branch, this.repository.branches.get(branch) ?? null])),
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

  takeEpoch(_repository: RepositoryRef, { epoch }: { epoch: string }): Promise<string> {
    return this.command('take epoch', () => {
      const wanted = BigInt(epoch);
      if (wanted > this.repository.epoch) this.repository.epoch = wanted;
      return String(wanted);
    });
  }

  land(_repository: RepositoryRef, landing: Landing): Promise<LandingOutcome> {
    return this.command('land', (): LandingOutcome => {
      const { repository } = this;
      if (repository.landedRefs.get(landing.task) === landing.newOid) return { kind: 'landed' };
      if (landing.epochOid !== String(repository.epoch)) return { kind: 'epoch-lost' };
      if (repository.branches.get(landing.branch) !== landing.headOid) return { kind: 'head-moved' };
      if (repository.main !== landing.baseOid) return { kind: 'main-moved' };
      repository.mainLog.push(landing.newOid);
      repository.landedRefs.set(landing.task, landing.newOid);
      repository.landedBy.push({ task: landing.task, newOid: landing.newOid });
      return { kind: 'landed' };
    });
  }

  recoverLanding(_repository: RepositoryRef, { task, newOid }: Landing): Promise<LandingRecovery> {
    return this.command('recover landing', (): LandingRecovery => {
      const landed = this.repository.landedRefs.get(task) === newOid;
      return landed ? { kind: 'landed', recovered: true } : { kind: 'not-landed' };
    });
  }

  publishArtifacts(): Promise<void> {
    return this.command('publish artifacts', () => undefined);
  }

  private command<T>(label: string, effect: () => T): Promise<T> {
    const { faults, random } = this.world;
    const guarded = () => {
      if (faults.happens(faults.lockRate)) throw new GitError('GIT_LOCKED', 'somebody holds a lock');
      return effect();
    };
    const lost = () => new GitError('GIT_TIMEOUT', 'git took too long');
    return this.world.request(this.process, label, guarded, lost, random.between(5, 300));
  }
}
