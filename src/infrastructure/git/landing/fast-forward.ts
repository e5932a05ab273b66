import { GitError } from '../../../application/ports/git-workspace';
import { advanceRef } from './advance-ref';
import type { Git } from '../command/git-command';
import { branchRef } from '../command/names';

/**
 * Moves a branch that is checked out nowhere on to a commit that comes after it.
 *
 * @throws GitError GIT_FAILED where it does not, which is looked at anew after every lost race.
 */
export async function fastForward(
  git: Git,
  cwd: string,
  { branch, oid }: { branch: string; oid: string },
): Promise<void> {
  await advanceRef(git, { cwd, ref: branchRef(branch) }, async (current) => {
    if (current === oid) return null;
    const args = ['merge-base', '--is-ancestor', current ?? oid, oid];
    const { exitCode } = await git.run(args, { cwd, answers: [0, 1] });
    if (exitCode === 0) return oid;
    throw new GitError(
      'GIT_FAILED',
      `${branch}: expected a commit before ${oid}, saw ${current ?? 'none'}; look at who moves it`,
    );
  });
}
