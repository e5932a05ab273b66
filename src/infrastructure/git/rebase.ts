import { GitError, type RebaseOutcome } from '../../application/ports/git-workspace';
import type { Git } from './git-command';

const OID = /^[0-9a-f]{40,64}$/;

/** Whether two commits merge at all, found without touching a work tree. @returns conflicting paths; null when they do. */
export async function conflicts(
  git: Git,
  cwd: string,
  baseOid: string,
  headOid: string,
): Promise<readonly string[] | null> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', baseOid, headOid];
  const { exitCode, stdout, stderr } = await git.run(args, { cwd, answers: [0, 1] });
  if (exitCode === 0) return null;
  const [tree = '', ...paths] = stdout.split('\n');
  // Exit code 1 alone may also mean that a commit is missing.
  if (!OID.test(tree)) throw new GitError('GIT_FAILED', `git merge-tree: ${stderr.slice(0, 300)}`);
  return paths.filter(Boolean);
}

/** Rebases in a work tree of its own. The index says whether there is a conflict, never an exit code. */
export async function rebaseIn(
  git: Git,
  { bare, worktree, headOid, baseOid }: { bare: string; worktree: string; headOid: string; baseOid: string },
): Promise<RebaseOutcome> {
  await git.run(['worktree', 'add', '--quiet', '--force', '--detach', worktree, headOid], { cwd: bare });
  try {
    const fork = (await git.text(['merge-base', baseOid, headOid], { cwd: bare })).trim();
    const settings = ['-c', 'rebase.autoStash=false', '-c', 'rerere.enabled=false', '-c', 'merge.renames=true'];
    const args = [...settings, 'rebase', '--quiet', '--no-autosquash', '--no-update-refs', '--onto', baseOid, fork];
    const { exitCode, stderr } = await git.run(args, { cwd: worktree, answers: [0, 1] });
    if (exitCode !== 0) return await stopped(git, worktree, stderr);
    const [newOid = '', treeOid = ''] = (await git.text(['rev-parse', 'HEAD', 'HEAD^{tree}'], { cwd: worktree })).split(
      '\n',
    );
    return newOid === baseOid ? { kind: 'nothing-left' } : { kind: 'rebased', newOid, treeOid };
  } finally {
    await git.run(['worktree', 'remove', '--force', worktree], { cwd: bare, answers: [0, 128] });
  }
}

async function stopped(git: Git, worktree: string, stderr: string): Promise<RebaseOutcome> {
  const unmerged = await git.text(['ls-files', '-u', '--format=%(path)'], { cwd: worktree });
  const paths = [...new Set(unmerged.split('\n').filter(Boolean))];
  if (paths.length > 0) return { kind: 'conflict', paths };
  const code = /\.lock': File exists/.test(stderr) ? 'GIT_LOCKED' : 'GIT_FAILED';
  throw new GitError(code, `git rebase stopped without a conflict: ${stderr.slice(0, 300)}`);
}
