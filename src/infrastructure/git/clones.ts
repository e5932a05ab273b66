import { join } from 'node:path';
import type { DisposableClone, RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import { fillSubmodules } from './contents/fill-submodules';
import { folderList } from './contents/folder-list';
import { lfsFilesIn } from './contents/lfs-files';
import { lfsFault } from './contents/lfs-words';
import { planSubmodules, type SubmodulePlan } from './contents/plan-submodules';
import { sourcesIn, type Sources } from './contents/submodule-sources';
import { treeContents } from './contents/tree-contents';
import type { FolderList } from '../../domain/task/task.events';
import { Git } from './git-command';
import { branchRef } from './names';
import type { OwnClone } from './own-clone';
import { fillRunClone } from './run-clone';
import { together } from './together';
import { removeTree, type WorkFolders } from './work-folders';

/** Clones that live for one run. */
export class Clones {
  constructor(
    private readonly folders: WorkFolders,
    private readonly own: OwnClone,
  ) {}

  /** Detached at one commit; it has no remote and knows no path to where it came from. */
  async disposable(
    repository: RepositoryRef,
    { oid, baseOid, depth, name }: { oid: string; baseOid: string; depth: 'full' | number; name: string },
  ): Promise<DisposableClone> {
    const git = new Git();
    return this.own.through(repository, ({ dir: source, git: targetGit }) =>
      this.made(name, async (cwd) => {
        const history =
          depth === 'full' ? { main: repository.main, baseOid, target: repository.path, targetGit } : { depth };
        const sources = sourcesIn(repository.path, repository.submodules);
        const [plan] = await together(
          planned(git, source, { oid, baseOid, sources }),
          fillRunClone(git, { cwd, source, oid, history }),
        );
        return folderList(await fillSubmodules(git, { dir: cwd, plan, sources }));
      }),
    );
  }

  /** The branch checked out and `origin` pointing at the target: what an agent commits, it pushes there itself. */
  async forAgent(
    repository: RepositoryRef,
    { branch, name }: { branch: string; name: string },
  ): Promise<DisposableClone> {
    branchRef(branch);
    return this.own.through(repository, ({ git }) =>
      this.made(name, async (cwd) => {
        const options = ['--quiet', '--no-hardlinks', '--template=', '--branch', branch];
        await git.run(['clone', ...options, '--end-of-options', repository.path, '.'], { cwd });
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
      return { dir, dispose, ...(emptyFolders ? { emptyFolders } : {}) };
    } catch (error) {
      await dispose();
      throw error;
    }
  }
}

/** A suite that finds a folder empty that the branch is about fails, or passes, for a reason that is none of the change's. */
async function planned(
  git: Git,
  cwd: string,
  { oid, baseOid, sources }: { oid: string; baseOid: string; sources: Sources },
): Promise<SubmodulePlan> {
  const contents = await treeContents(git, cwd, oid);
  const plan = await planSubmodules(git, cwd, { oid, baseOid, contents, sources });
  const files = await lfsFilesIn(git, { gitDir: cwd, scratch: join(cwd, 'lfs') }, { oid, contents });
  const fault = plan.faults[0] ?? lfsFault(files);
  if (fault !== null) throw new GitError('GIT_UNSUPPORTED', fault);
  return plan;
}
