import type { TaskId } from '../../domain/ids';
import { GitError, type RebaseOutcome } from '../../application/ports/git-workspace';
import { faultOfCommits, unrelated } from './branch-check';
import { isLocked, type Git } from './git-command';
import { removeTree } from './work-folders';
import { withinSentence } from '../../domain/within-sentence';

const OID = /^[0-9a-f]{40,64}$/;

/** What goes onto what, in the service's own clone. */
export interface Rebase {
  /** A view of the clone. */
  readonly bare: string;
  readonly task: TaskId;
  /** For words. */
  readonly branch: string;
  readonly headOid: string;
  readonly baseOid: string;
}

/**
 * Puts the head on top of the base. A branch with merges of its own is merged instead: a rebase would replay what came
 * before them and lose how their conflicts were solved.
 *
 * @param worktree gives a path for a work tree, should one be needed.
 */
export async function rebaseOnto(git: Git, rebase: Rebase, worktree: () => Promise<string>): Promise<RebaseOutcome> {
  const { bare: cwd, branch, headOid, baseOid } = rebase;
  const { exitCode } = await git.run(['merge-base', baseOid, headOid], { cwd, answers: [0, 1] });
  if (exitCode === 1) throw unrelated(branch, headOid);
  try {
    return await rebaseRelated(git, rebase, worktree);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') throw error;
    throw (await faultOfCommits(git, cwd, rebase)) ?? error;
  }
}

async function rebaseRelated(git: Git, rebase: Rebase, worktree: () => Promise<string>): Promise<RebaseOutcome> {
  const { bare: cwd, headOid, baseOid } = rebase;
  const merged = await mergeTrees(git, rebase);
  if (merged.kind === 'conflict') return merged;
  const range = `${baseOid}..${headOid}`;
  const merges = await git.text(['rev-list', '--min-parents=2', '--count', range], { cwd });
  return merges === '0' ? rebaseIn(git, rebase, await worktree()) : mergeCommit(git, rebase, merged.treeOid);
}

type Merged = { readonly kind: 'clean'; readonly treeOid: string } | Extract<RebaseOutcome, { kind: 'conflict' }>;

/** Whether two commits merge at all, found without touching a work tree. */
async function mergeTrees(git: Git, { bare: cwd, headOid, baseOid }: Rebase): Promise<Merged> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', baseOid, headOid];
  const { exitCode, stdout, stderr } = await git.run(args, { cwd, answers: [0, 1] });
  const [treeOid = '', ...paths] = stdout.split('\0');
  // Exit code 1 alone may also mean that a commit is missing.
  if (!OID.test(treeOid)) throw new GitError('GIT_FAILED', `git merge-tree: ${withinSentence(stderr.slice(0, 300))}`);
  return exitCode === 0 ? { kind: 'clean', treeOid } : { kind: 'conflict', paths: paths.filter(Boolean) };
}

async function mergeCommit(git: Git, { bare: cwd, ...rebase }: Rebase, treeOid: string): Promise<RebaseOutcome> {
  const { task, headOid, baseOid } = rebase;
  if (treeOid === (await git.text(['rev-parse', `${baseOid}^{tree}`], { cwd }))) return { kind: 'nothing-left' };
  const parents = ['-p', baseOid, '-p', headOid];
  const newOid = await git.text(['commit-tree', treeOid, ...parents, '-m', `Merge ${task}`], { cwd });
  return { kind: 'rebased', newOid, treeOid };
}

/** Rebases in a work tree of its own. The index says whether there is a conflict, never an exit code. */
async function rebaseIn(git: Git, { bare, headOid, baseOid }: Rebase, worktree: string): Promise<RebaseOutcome> {
  await git.run(['worktree', 'add', '--quiet', '--detach', worktree, headOid], { cwd: bare });
  try {
    const fork = await git.text(['merge-base', baseOid, headOid], { cwd: bare });
    const settings = ['-c', 'rebase.autoStash=false', '-c', 'rerere.enabled=false', '-c', 'merge.renames=true'];
    const args = [...settings, 'rebase', '--quiet', '--no-autosquash', '--no-update-refs', '--onto', baseOid, fork];
    const { exitCode, stderr } = await git.run(args, { cwd: worktree, answers: [0, 1] });
    if (exitCode !== 0) return await stopped(git, worktree, stderr);
    const [newOid = '', treeOid = ''] = (await git.text(['rev-parse', 'HEAD', 'HEAD^{tree}'], { cwd: worktree })).split(
      '\n',
    );
    return newOid === baseOid ? { kind: 'nothing-left' } : { kind: 'rebased', newOid, treeOid };
  } finally {
    // What git noted of it goes with the view.
    await removeTree(worktree);
  }
}

async function stopped(git: Git, worktree: string, stderr: string): Promise<RebaseOutcome> {
  const unmerged = await git.text(['ls-files', '-u', '-z', '--format=%(path)'], { cwd: worktree });
  const paths = [...new Set(unmerged.split('\0').filter(Boolean))];
  if (paths.length > 0) return { kind: 'conflict', paths };
  const code = isLocked(stderr) ? 'GIT_LOCKED' : 'GIT_FAILED';
  throw new GitError(code, `git rebase stopped without a conflict: ${withinSentence(stderr.slice(0, 300))}`);
}
