import { join } from 'node:path';
import type { TaskId } from '../../domain/ids';
import { GitError, type RebaseOutcome } from '../../application/ports/git-workspace';
import { faultOfCommits, refuseUnusableCommits, unrelated } from './branch-check';
import { layOutAttributes } from './attributes';
import type { Git } from './git-command';
import { mergeTrees, type MergePlace } from './merge-trees';
import { replay, type Listed } from './replay';

/** What goes onto what, in the service's own clone. */
export interface Rebase {
  /** A view of the clone. */
  readonly bare: string;
  readonly task: TaskId;
  /** Both for words: they are not asked for again. */
  readonly branch: string;
  readonly main: string;
  readonly headOid: string;
  readonly baseOid: string;
}

/**
 * Puts the head on top of the base. A branch with merges of its own is merged instead: a rebase would replay what came
 * before them and lose how their conflicts were solved.
 *
 * Commits that main has already, whatever their ids, are left out as `git rebase` does it: also those that main has
 * reverted since.
 */
export async function rebaseOnto(git: Git, rebase: Rebase): Promise<RebaseOutcome> {
  const { bare: cwd, branch, headOid, baseOid } = rebase;
  const { exitCode } = await git.run(['merge-base', baseOid, headOid], { cwd, answers: [0, 1] });
  if (exitCode === 1) throw unrelated(branch, headOid);
  try {
    return await rebaseRelated(git, rebase);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') throw error;
    throw (await faultOfCommits(git, cwd, rebase)) ?? error;
  }
}

async function rebaseRelated(git: Git, rebase: Rebase): Promise<RebaseOutcome> {
  const { bare, headOid, baseOid } = rebase;
  const place = { bare, attributes: join(bare, 'attributes') };
  await layOutAttributes(git, place, baseOid);
  const merges = await git.text(['rev-list', '--min-parents=2', '--count', `${baseOid}..${headOid}`], { cwd: bare });
  if (merges !== '0') return mergeCommit(git, place, rebase);
  await refuseUnusableCommits(git, bare, rebase);
  return replay(git, place, { commits: await commitsOf(git, rebase), baseOid, headOid });
}

/** The commits of a branch without merges, the first one first. */
async function commitsOf(git: Git, { bare: cwd, headOid, baseOid }: Rebase): Promise<readonly Listed[]> {
  const options = ['--reverse', '--topo-order', '--cherry-mark', '--right-only'];
  const lines = (await git.text(['rev-list', ...options, `${baseOid}...${headOid}`], { cwd })).split('\n');
  return lines.filter(Boolean).map((line) => ({ oid: line.slice(1), isInBase: line.startsWith('=') }));
}

async function mergeCommit(
  git: Git,
  place: MergePlace,
  { task, branch, main, headOid, baseOid }: Rebase,
): Promise<RebaseOutcome> {
  const merged = await mergeTrees(git, place, { ours: baseOid, theirs: headOid });
  if (merged.kind === 'conflict') return merged;
  const { bare: cwd } = place;
  const { treeOid } = merged;
  if (treeOid === (await git.text(['rev-parse', `${baseOid}^{tree}`], { cwd }))) return { kind: 'nothing-left' };
  const parents = ['-p', baseOid, '-p', headOid];
  const newOid = await git.text(
    ['commit-tree', treeOid, ...parents, '-m', `Merge branch '${branch}' into ${main}`, '-m', `Task: ${task}`],
    { cwd },
  );
  return { kind: 'rebased', newOid, treeOid };
}
