import type { DisposableClone, RepositoryRef } from '../../application/ports/git-workspace';
import { GitError } from '../../application/ports/git-workspace';
import { Git } from './git-command';
import { branchRef } from './names';
import { FETCH_OPTIONS } from './fetch-heads';
import type { OwnClone } from './own-clone';
import { unsupportedFeatures } from './unsupported-features';
import { removeTree, type WorkFolders } from './work-folders';

const SHA256_DIGITS = 64;

/** Clones that live for one run. */
export class Clones {
  constructor(
    private readonly folders: WorkFolders,
    private readonly own: OwnClone,
  ) {}

  /** Detached at one commit; it has no remote and knows no path to where it came from. */
  async disposable(
    repository: RepositoryRef,
    { oid, depth, name }: { oid: string; depth: 'full' | number; name: string },
  ): Promise<DisposableClone> {
    const git = new Git();
    return this.own.through(repository, async ({ dir: source }) => {
      await refuseUnsupported(git, source, oid);
      return this.made(name, async (cwd) => {
        await git.run(['init', '--quiet', '--template=', `--object-format=${formatOf(oid)}`], { cwd });
        const limit = depth === 'full' ? [] : [`--depth=${depth}`];
        await git.run(['fetch', ...FETCH_OPTIONS, ...limit, '--end-of-options', source, oid], { cwd });
        await git.run(['checkout', '--quiet', '--detach', oid, '--'], { cwd });
        // A checkout that could not write every file ends well; a reset writes what is missing, or says that it cannot.
        await git.run(['reset', '--quiet', '--hard', oid, '--'], { cwd });
      });
    });
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

/** Objects of one format cannot be fetched into a repository of another; how long a name is tells which it is. */
function formatOf(oid: string): 'sha1' | 'sha256' {
  return oid.length === SHA256_DIGITS ? 'sha256' : 'sha1';
}

/** A suite that finds empty folders or pointers instead of its files fails for a reason that is none of the change's. */
async function refuseUnsupported(git: Git, cwd: string, oid: string): Promise<void> {
  const found = await unsupportedFeatures(git, cwd, oid);
  if (found.length === 0) return;
  throw new GitError('GIT_UNSUPPORTED', `${oid}: expected no ${found.join(' and no ')}, which are not supported yet`);
}
