import { randomUUID } from 'node:crypto';
import { failpoint } from '../../../application/failpoint';
import type { Followed } from '../../../domain/task/task.events';
import {
  GitError,
  type Landing,
  type LandingOutcome,
  type RepositoryRef,
} from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { branchRef } from '../command/names';
import { IndexLock } from './index-file';
import { makeFolder, ownIndexOf, removeMarker, writeMarker, type Marker } from './marker';
import { settle, type Asker } from './settle';
import { requireFreeWay, updateFiles } from './update';
import { filesOfMain, isBeingRebased, underWayIn, type Gits, type WorkTree } from './work-trees';

/** How main is moved: run where, with more of an environment, so that what outlives us can be told from others. */
export type Move = (where?: {
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}) => Promise<LandingOutcome>;

/** Moves main, and with it the files of the work tree that has it checked out, if any does. */
export class Following {
  private readonly underWay = new Set<string>();

  constructor(
    private readonly git: Gits,
    private readonly who: Pick<Asker, 'worker' | 'isDead'>,
  ) {}

  get asker(): Asker {
    return { ...this.who, underWay: this.underWay };
  }

  async land(repository: RepositoryRef, landing: Landing, move: Move): Promise<LandingOutcome> {
    const { isolated } = this.git;
    const files = await filesOfMain(isolated, repository);
    if (files.kind === 'nowhere') return whileRebased(files.commonDir, repository) ?? move();
    const { main } = repository;
    if (files.kind !== 'there') return busy(`${main} is checked out at ${files.at}, where its files cannot follow`);
    const { tree } = files;
    const before = await settle(this.git, tree.gitDir, this.asker);
    if (before?.kind === 'busy') return busy(before.text);
    // It cannot land, or has: nothing is to be done with any file.
    if ((await headOf(isolated, tree)) !== landing.baseOid) return move();
    const underWay = underWayIn(tree);
    if (underWay !== null)
      return busy(`${underWay} is under way in ${tree.root}, which has ${main} checked out; end it`);
    return this.follow(tree, landing, move);
  }

  private async follow(tree: WorkTree, landing: Landing, move: Move): Promise<LandingOutcome> {
    const { task, baseOid: base, newOid: next } = landing;
    const token = randomUUID();
    const marker: Marker = { version: 1, task, worker: this.who.worker, token, tree, base, next };
    const lock = new IndexLock(tree.gitDir, makeFolder(tree.gitDir), marker);
    this.underWay.add(token);
    try {
      if (!lock.take()) return busy(`another git has locked the index of ${tree.root}`);
      const outcome = await this.moveOnly(marker, lock, move);
      return outcome.kind === 'landed' ? { ...outcome, followed: await this.bring(marker, lock) } : outcome;
    } finally {
      this.underWay.delete(token);
    }
  }

  /** Whatever ends before main has moved leaves no trace; what may have moved it leaves marker and lock. */
  private async moveOnly(marker: Marker, lock: IndexLock, move: Move): Promise<LandingOutcome> {
    const { root } = marker.tree;
    try {
      writeMarker(marker);
      await requireFreeWay(this.git, marker);
      await failpoint('land.afterMarker');
      const outcome = await move({ cwd: root, variables: { GIT_INDEX_FILE: ownIndexOf(marker) } });
      if (outcome.kind !== 'landed') forget(marker, lock);
      return outcome;
    } catch (error) {
      if (!(error instanceof GitError && error.code === 'GIT_OUTCOME_UNKNOWN')) forget(marker, lock);
      throw error;
    }
  }

  /** main has moved, and stays moved: what goes wrong from here on is told, and done by the next start. */
  private async bring(marker: Marker, lock: IndexLock): Promise<Followed> {
    const { tree, base, next } = marker;
    if ((await headOf(this.git.isolated, tree)) !== next) {
      forget(marker, lock);
      return { at: tree.root, left: [], fault: `${tree.branch} is neither at ${base} nor at ${next}` };
    }
    try {
      return { at: tree.root, ...(await updateFiles(this.git, marker)) };
    } catch (error) {
      return { at: tree.root, left: [], fault: String(error) };
    }
  }
}

function whileRebased(commonDir: string, { main }: RepositoryRef): LandingOutcome | null {
  return isBeingRebased(commonDir, branchRef(main))
    ? busy(`${main} is being rebased in a work tree; end that first`)
    : null;
}

function headOf(git: Git, { root, branch }: WorkTree): Promise<string> {
  return git.text(['rev-parse', '--verify', '--end-of-options', `${branch}^{commit}`], { cwd: root });
}

function forget(marker: Marker, lock: IndexLock): void {
  lock.release();
  removeMarker(marker);
}

function busy(detail: string): LandingOutcome {
  return { kind: 'lock-busy', detail };
}
