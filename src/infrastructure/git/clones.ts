import type { DisposableClone, RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import { Git } from './git-command';
import { branchRef } from './names';
import type { OwnClone } from './own-clone';
import { fillRunClone } from './run-clone';
import { together } from './together';
import { unsupportedFeatures } from './unsupported-features';
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
        await together(refuseUnsupported(git, source, oid), fillRunClone(git, { cwd, source, oid, history }));
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
      }),
    );
  }

  /** A clone that could not be made leaves nothing behind. */
  private async made(name: string, fill: (dir: string) => Promise<void>): Promise<DisposableClone> {
    const dir = await this.folders.make(name);
    const dispose = () => removeTree(dir);
    try {
      await fill(dir);
    } catch (error) {
      await dispose();
      throw error;
    }
    return { dir, dispose };
  }
}

/** A suite that finds empty folders or pointers instead of its files fails for a reason that is none of the change's. */
async function refuseUnsupported(git: Git, cwd: string, oid: string): Promise<void> {
  const found = await unsupportedFeatures(git, cwd, oid);
  if (found.length === 0) return;
  throw new GitError('GIT_UNSUPPORTED', `${oid}: expected no ${found.join(' and no ')}, which are not supported yet`);
}
