import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { DisposableClone, RepositoryRef } from '../../../application/ports/git-workspace';
import { fillContents } from '../contents/fill-contents';
import { folderList } from '../contents/folder-list';
import { storeIn } from '../contents/lfs-store';
import { planContents } from '../contents/plan-contents';
import { sourcesIn } from '../contents/submodule-sources';
import type { FolderList } from '../../../domain/task/task.events';
import { commonDirOf } from '../command/common-dir';
import { Git } from '../command/git-command';
import { branchRef } from '../command/names';
import type { OwnClone } from '../own-clone/own-clone';
import { fillRunClone } from './run-clone';
import { together } from '../../../application/together';
import { removeTree, type WorkFolders } from './work-folders';

interface DisposableOptions {
  readonly oid: string;
  readonly baseOid: string;
  readonly depth: 'full' | number;
  readonly name: string;
  readonly branch?: string;
}

/** Clones that live for one run. */
export class Clones {
  constructor(
    private readonly folders: WorkFolders,
    private readonly own: OwnClone,
  ) {}

  /** Detached at one commit; it has no remote and knows no path to where it came from. */
  async disposable(
    repository: RepositoryRef,
    { oid, baseOid, depth, name, branch }: DisposableOptions,
  ): Promise<DisposableClone> {
    const git = new Git();
    return this.own.through(repository, ({ dir: source, git: targetGit }) =>
      this.made(name, async (cwd) => {
        const full = { main: repository.main, baseOid, target: repository.path, targetGit, branch };
        const history = depth === 'full' ? full : { depth };
        const scratch = join(source, 'contents');
        const [plan] = await together(
          planContents(git, {
            ...{ gitDir: source, oid, baseOid, scratch, trees: this.own.trees },
            sources: sourcesIn(repository.path, repository.submodules),
            store: async () => storeIn(await commonDirOf(targetGit, repository.path)),
          }),
          fillRunClone(git, { cwd, source, oid, history }),
        );
        return folderList(await fillContents(git, { dir: cwd, plan, scratch }));
      }),
    );
  }

  /**
   * The branch checked out, main beside it, and `origin` pointing at the target: what an agent commits, it pushes there itself.
   */
  async forAgent(
    repository: RepositoryRef,
    { branch, baseOid, name }: { branch: string; baseOid: string; name: string },
  ): Promise<DisposableClone> {
    branchRef(branch);
    return this.own.through(repository, ({ git }) =>
      this.made(name, async (cwd) => {
        const options = ['--quiet', '--no-hardlinks', '--template=', '--branch', branch];
        await git.run(['clone', ...options, '--end-of-options', repository.path, '.'], { cwd });
        // In a clone main is only `origin/main`, and as new as the moment; the brief is about this commit of it.
        await git.run(['update-ref', branchRef(repository.main), baseOid], { cwd });
        return undefined;
      }),
    );
  }

  /** A clone that could not be made leaves nothing behind. */
  private async made(name: string, fill: (dir: string) => Promise<FolderList | undefined>): Promise<DisposableClone> {
    const dir = await this.folders.make(name);
    const dispose = () => removeTree(dir);
    try {
      const emptyFolders = await fill(dir);
      // As its processes find it: what they tell of their folder is recognized.
      return { dir: await realpath(dir), dispose, ...(emptyFolders ? { emptyFolders } : {}) };
    } catch (error) {
      await dispose();
      throw error;
    }
  }
}
