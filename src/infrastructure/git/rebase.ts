import { join } from 'node:path';
import type { TaskId } from '../../domain/ids';
import { GitError, type RebaseOutcome } from '../../application/ports/git-workspace';
import { faultOfCommits, refuseUnusableCommits, unrelated } from './branch-check';
import { layOutAttributes } from './attributes';
import { readCommits, type CommitObject } from './commit-object';
import type { Git } from './git-command';
import { mergeTrees, type MergePlace } from './merge-trees';
import { notesOf } from './rebase-notes';
import { replay, type Listed } from './replay';
import { undoneIn } from './undone';

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

/** The commits of a branch that are no merges, the first one first. */
async function commitsOf(git: Git, { bare: cwd, headOid, baseOid }: Rebase): Promise<readonly Listed[]> {
  const options = ['--reverse', '--topo-order', '--cherry-mark', '--right-only', '--no-merges'];
  const lines = (await git.text(['rev-list', ...options, `${baseOid}...${headOid}`], { cwd })).split('\n');
  return lines.filter(Boolean).map((line) => ({ oid: line.slice(1), isInBase: line.startsWith('=') }));
}

async function mergeCommit(git: Git, place: MergePlace, rebase: Rebase): Promise<RebaseOutcome> {
  const { task, branch, main, headOid, baseOid } = rebase;
  const merged = await mergeTrees(git, place, { ours: baseOid, theirs: headOid });
  if (merged.kind === 'conflict') return merged;
  const { bare: cwd } = place;
  const { treeOid } = merged;
  const baseTree = await git.text(['rev-parse', `${baseOid}^{tree}`], { cwd });
  if (treeOid === baseTree) return { kind: 'nothing-left' };
  const notes = notesOf({ returning: await returningBy(git, place, rebase, { before: baseTree, after: treeOid }) });
  const parents = ['-p', baseOid, '-p', headOid];
  const newOid = await git.text(
    ['commit-tree', treeOid, ...parents, '-m', `Merge branch '${branch}' into ${main}`, '-m', `Task: ${task}`],
    { cwd },
  );
  return { kind: 'rebased', newOid, treeOid, ...notes };
}

/** What main has had by other commits and has undone since, and the merge has again. */
async function returningBy(
  git: Git,
  place: MergePlace,
  rebase: Rebase,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<readonly CommitObject[]> {
  const known = (await commitsOf(git, rebase)).flatMap(({ oid, isInBase }) => (isInBase ? [oid] : []));
  if (known.length === 0) return [];
  // What has no parent is no change of anything.
  const commits = (await readCommits(git, place.bare, known)).filter(({ parents }) => parents.length > 0);
  const undone = await undoneIn(git, place, { tree: before, commits });
  const stillOut = new Set(await undoneIn(git, place, { tree: after, commits: undone }));
  return undone.filter((commit) => !stillOut.has(commit));
}
