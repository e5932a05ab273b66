import { randomUUID } from 'node:crypto';
import {
  GitError,
  type FetchedHeads,
  type RepositoryRef,
  type UpkeepOptions,
} from '../../../application/ports/git-workspace';
import type { Logger } from '../../../application/ports/logger';
import type { TaskId } from '../../../domain/ids';
import { refuseUnusableTree } from '../fetching/branch-check';
import { damageIn } from './clone-damage';
import type { ObjectFormat } from './clone-files';
import { CloneKeeper, type KeptClone } from './clone-keeper';
import { isUpkeepDue, keepUp } from './clone-upkeep';
import { openView, type CloneView } from './clone-view';
import { TreeCache } from '../contents/tree-contents';
import { Git } from '../command/git-command';
import { comparedHeads, fetchHeads, type Heads } from '../fetching/fetch-heads';
import { HeadCache } from './head-cache';
import { taskRef } from '../command/names';
import { quickFetch } from '../fetching/quick-fetch';
import { pastStaleLocks } from './stale-locks';
import { BoundedMap } from '../../../application/bounded-map';
import { together } from '../../../application/together';
import { removeTree, type WorkFolders } from '../run-clone/work-folders';

/** Who finds the clone made anew under its work this often gives up. */
const ATTEMPTS = 3;
/** Longest search for damage after a failure. Without a finding by then the failure stays what it was. */
const SEARCH_MS = 60_000;

/** The service's own bare clone of a target repository, one per project. Git works on it through views alone. */
export class OwnClone {
  private readonly keeper: CloneKeeper;
  private readonly formats = new Map<string, ObjectFormat>();
  /** Heads that were found fit to be checked out; jobs of one head follow each other. */
  private readonly usable = new BoundedMap<string, true>(MOST_USABLE);
  private readonly known = new HeadCache();
  /** Of commits that are, or were, in there. */
  readonly trees = new TreeCache();

  constructor(
    stateDir: string,
    private readonly folders: WorkFolders,
    logger: Logger | null = null,
  ) {
    this.keeper = new CloneKeeper(stateDir, folders, logger);
  }

  /**
   * Does work on the clone, which is made when missing or not as it was made.
   *
   * @param work may be begun again from the beginning.
   * @throws GitError GIT_CLONE_DAMAGED in place of what went wrong when the clone is the reason; it is gone then, and the
   *   next fetch makes another.
   */
  async through<T>(repository: RepositoryRef, work: (view: CloneView) => Promise<T>): Promise<T> {
    const format = await this.formatOf(repository);
    for (let attempt = 1; ; attempt += 1) {
      const clone = await this.keeper.ready(repository.project, format);
      const dir = await this.folders.make(`git-${randomUUID()}`);
      const view = await openView(dir, { clone: clone.path, format, target: repository.path });
      try {
        return await work(view);
      } catch (error) {
        // Somebody found it changed and made it anew meanwhile; what it held is in the new one.
        if (attempt < ATTEMPTS && !clone.isInPlace()) continue;
        throw await this.explained(error, view, { clone, repository });
      } finally {
        await removeTree(dir);
      }
    }
  }

  /** Brings main and the task's branch in and says how they stand to each other. */
  fetch(repository: RepositoryRef, task: TaskId, branch: string): Promise<FetchedHeads> {
    return this.anew(repository, (view) => this.fetchThrough(view, repository, { task, branch }));
  }

  /** Work that needs nothing of what the clone has had: where that is damaged, it is done once more on a new one. */
  async anew<T>(repository: RepositoryRef, work: (view: CloneView) => Promise<T>): Promise<T> {
    try {
      return await this.through(repository, work);
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== 'GIT_CLONE_DAMAGED') throw error;
      return await this.through(repository, work);
    }
  }

  private async fetchThrough(
    view: CloneView,
    repository: RepositoryRef,
    asked: { task: TaskId; branch: string },
  ): Promise<FetchedHeads> {
    const known = await this.known.stillThere(view, repository, asked);
    if (known) return known;
    const last = this.known.last(repository);
    const heads =
      (await quickFetch(view, repository, { ...asked, last })) ?? (await fetchHeads(view, repository, asked));
    // Neither waits for the other one's answer.
    const [compared] = await together(comparedHeads(view, heads), this.refuseUnusable(view, asked.branch, heads));
    const fetched = { ...heads, ...compared };
    this.known.note(repository, asked.task, fetched);
    return fetched;
  }

  private async refuseUnusable(view: CloneView, branch: string, heads: Heads): Promise<void> {
    if (this.usable.get(heads.headOid)) return;
    await refuseUnusableTree(view.git, view.dir, { branch, ...heads }, this.trees);
    this.usable.set(heads.headOid, true);
  }

  async keepUp(repository: RepositoryRef, options: UpkeepOptions): Promise<void> {
    const { project } = repository;
    if (!isUpkeepDue(this.keeper.pathOf(project), project)) return;
    await this.through(repository, (view) => keepUp(view, options));
  }

  /** Keeps a candidate from being collected, and where the next steps find it. */
  async keep({ dir, clone, git }: CloneView, task: TaskId, oid: string): Promise<void> {
    await pastStaleLocks(clone, () => git.run(['update-ref', taskRef('out', task), oid], { cwd: dir }));
  }

  /** Objects of one format cannot be fetched into a repository of another. */
  private async formatOf({ project, path }: RepositoryRef): Promise<ObjectFormat> {
    const known = this.formats.get(project);
    if (known) return known;
    const said = await new Git().text(['rev-parse', '--show-object-format'], { cwd: path });
    const format = said === 'sha256' ? 'sha256' : 'sha1';
    this.formats.set(project, format);
    return format;
  }

  /** @returns what is to be said in place of an error of git's in a clone that turns out to be damaged. */
  private async explained(
    error: unknown,
    view: CloneView,
    { clone, repository }: { clone: KeptClone; repository: RepositoryRef },
  ): Promise<unknown> {
    if (!(error instanceof GitError) || !SUSPICIOUS.has(error.code)) return error;
    const damage = await damageIn(new Git(), view.dir, SEARCH_MS).catch(() => null);
    if (damage === null) return error;
    if (clone.isInPlace()) await this.keeper.discard(clone.path, damage);
    const text = `own clone of ${repository.project}: expected it whole, saw ${damage}; it is made anew`;
    return new GitError('GIT_CLONE_DAMAGED', text, { cause: error });
  }
}

/** Of these only the names are kept. */
const MOST_USABLE = 10_000;
/** What damage can look like. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['GIT_FAILED', 'GIT_NOT_A_REPOSITORY']);
