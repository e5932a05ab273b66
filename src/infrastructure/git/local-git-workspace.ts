import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import {
  GitWorkspace,
  type DisposableClone,
  type FetchedHeads,
  type Landing,
  type LandingOutcome,
  type LandingRecovery,
  type RebaseOutcome,
  type RepositoryFacts,
  type RepositoryRef,
} from '../../application/ports/git-workspace';
import type { Oid, TaskId } from '../../domain/ids';
import { Clones } from './clones';
import { takeEpoch } from './epoch';
import { Git } from './git-command';
import { inspect, refFacts } from './inspect';
import { land, recoverLanding } from './landing';
import { branchRef, taskRef } from './names';
import { OwnClone } from './own-clone';
import { publishArtifacts } from './publish-artifacts';
import { conflicts, rebaseIn } from './rebase';

/** Target repositories on this machine's file system, bare or not. */
export class LocalGitWorkspace extends GitWorkspace {
  private readonly own: OwnClone;
  private readonly clones: Clones;
  private readonly git = new Git();

  constructor(private readonly options: { readonly stateDir: string }) {
    super();
    this.own = new OwnClone(options.stateDir);
    this.clones = new Clones(options.stateDir, this.own);
  }

  inspect(repository: RepositoryRef, branch: string): Promise<RepositoryFacts> {
    return inspect(this.git, repository, branch);
  }

  async heads({ path }: RepositoryRef, branches: readonly string[]): Promise<ReadonlyMap<string, Oid | null>> {
    if (branches.length === 0) return new Map();
    const refs = await refFacts(this.git, path, branches.map(branchRef));
    return new Map(branches.map((branch) => [branch, refs.get(branchRef(branch))?.oid ?? null]));
  }

  fetch(repository: RepositoryRef, task: TaskId, branch: string): Promise<FetchedHeads> {
    return this.own.fetch(repository, task, branch);
  }

  disposableClone(
    repository: RepositoryRef,
    options: { oid: Oid; depth: 'full' | number; name: string },
  ): Promise<DisposableClone> {
    return this.clones.disposable(repository, options);
  }

  agentClone(repository: RepositoryRef, options: { branch: string; name: string }): Promise<DisposableClone> {
    return this.clones.forAgent(repository, options);
  }

  async rebase(
    repository: RepositoryRef,
    { task, headOid, baseOid }: { task: TaskId; headOid: Oid; baseOid: Oid },
  ): Promise<RebaseOutcome> {
    const bare = await this.own.dir(repository);
    const paths = await conflicts(this.git, bare, baseOid, headOid);
    if (paths) return { kind: 'conflict', paths };
    const worktree = join(this.options.stateDir, 'work', `rebase-${randomUUID()}`);
    const outcome = await rebaseIn(this.git, { bare, worktree, headOid, baseOid });
    if (outcome.kind === 'rebased') await this.keep(bare, task, outcome.newOid);
    return outcome;
  }

  async keepCandidate(repository: RepositoryRef, task: TaskId, oid: Oid): Promise<{ treeOid: string }> {
    const bare = await this.own.dir(repository);
    await this.keep(bare, task, oid);
    const treeOid = await this.git.text(['rev-parse', '--verify', '--end-of-options', `${oid}^{tree}`], { cwd: bare });
    return { treeOid };
  }

  takeEpoch(repository: RepositoryRef, lease: { task: TaskId; epoch: string }): Promise<Oid> {
    return takeEpoch(this.git, repository, lease);
  }

  async land(repository: RepositoryRef, landing: Landing): Promise<LandingOutcome> {
    return land({ git: this.git, repository, bare: await this.own.dir(repository) }, landing);
  }

  async recoverLanding(repository: RepositoryRef, landing: Landing): Promise<LandingRecovery> {
    return recoverLanding({ git: this.git, repository, bare: await this.own.dir(repository) }, landing);
  }

  publishArtifacts(repository: RepositoryRef, task: TaskId, files: ReadonlyMap<string, string>): Promise<void> {
    return publishArtifacts(this.git, repository, task, files);
  }

  private async keep(bare: string, task: TaskId, oid: Oid): Promise<void> {
    await this.git.run(['update-ref', taskRef('out', task), oid], { cwd: bare });
  }
}
