import { join } from 'node:path';
import type { TaskId } from '../../../domain/ids';
import type { LandingIdentity } from '../../../domain/policy/project-policy';
import { GitError, type RebaseOutcome } from '../../../application/ports/git-workspace';
import { isAttributeFile, layOutAttributes } from '../run-clone/attributes';
import { changesBetween } from './branch-changes';
import type { TreeCache } from '../contents/tree-contents';
import { faultOfCommits, refuseUnusableCommits, unrelated } from '../fetching/branch-check';
import { readCommits, writeCommit, type CommitObject } from './commit-object';
import { committerOf, type Committer } from './committer';
import type { Git } from '../command/git-command';
import { mergeTrees, type MergePlace } from './merge-trees';
import { notesOf } from './rebase-notes';
import { replay, type Listed } from './replay';
import { together } from '../../../application/together';
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
  readonly identity?: LandingIdentity;
  /** What is known of commits in the clone. */
  readonly trees: TreeCache;
}

/**
 * Puts the head on top of the base. A branch with merges of its own is merged instead: a rebase would replay what came
 * before them and lose how their conflicts were solved.
 *
 * Commits that main has already, whatever their ids, are left out as `git rebase` does it: also those that main has
 * reverted since.
 */
export async function rebaseOnto(git: Git, rebase: Rebase): Promise<RebaseOutcome> {
  try {
    return await rebaseRelated(git, rebase);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') throw error;
    throw (await faultOfCommits(git, rebase.bare, rebase)) ?? error;
  }
}

async function rebaseRelated(git: Git, rebase: Rebase): Promise<RebaseOutcome> {
  const { bare, baseOid } = rebase;
  const place = { bare, attributes: join(bare, 'attributes') };
  // None waits for another one's answer, and each is a process.
  const mayHaveSome = rebase.trees.get(baseOid)?.hasAttributes ?? true;
  const [listed, changes, committer] = await together(
    commitsOf(git, rebase),
    changesBetween(git, bare, rebase),
    committerOf(git, bare, rebase.identity),
    layOutAttributes(git, place, baseOid, { mayHaveSome }),
  );
  // Where they have nothing in common, the very first commit is listed too; and also where a branch has merged such a one.
  if (listed.some(({ isFirst }) => isFirst)) await refuseUnrelated(git, rebase);
  const commits = listed.filter(({ isMerge }) => !isMerge);
  if (commits.length < listed.length) return mergeCommit(git, place, rebase, { commits, committer });
  const [first] = commits;
  if (first === undefined) return { kind: 'nothing-left' };
  const objects = await readCommits(git, bare, [baseOid, `${first.oid}^`, ...commits.map(({ oid }) => oid)]);
  await refuseUnusableCommits(git, bare, rebase, changes);
  const changing = new Set(changes.flatMap(({ path, commit }) => (isAttributeFile(path) ? [commit] : [])));
  return replay(git, place, { commits, objects, changing, committer });
}

async function refuseUnrelated(git: Git, { bare: cwd, branch, headOid, baseOid }: Rebase): Promise<void> {
  const { exitCode } = await git.run(['merge-base', baseOid, headOid], { cwd, answers: [0, 1] });
  if (exitCode === 1) throw unrelated(branch, headOid);
}

/** The commits of a branch, the first one first. */
async function commitsOf(git: Git, { bare: cwd, headOid, baseOid }: Rebase): Promise<readonly Listed[]> {
  const options = ['--reverse', '--topo-order', '--cherry-mark', '--right-only', '--parents'];
  const lines = (await git.text(['rev-list', ...options, `${baseOid}...${headOid}`], { cwd })).split('\n');
  return lines.filter(Boolean).map((line) => {
    const [oid = '', ...parents] = line.slice(1).split(' ');
    return { oid, isMerge: parents.length > 1, isFirst: parents.length === 0, isInBase: line.startsWith('=') };
  });
}

async function mergeCommit(
  git: Git,
  place: MergePlace,
  rebase: Rebase,
  { commits, committer }: { readonly commits: readonly Listed[]; readonly committer: Committer },
): Promise<RebaseOutcome> {
  const { task, branch, main, headOid, baseOid } = rebase;
  const merged = await mergeTrees(git, place, { ours: baseOid, theirs: headOid });
  if (merged.kind === 'conflict') return merged;
  const { bare: cwd } = place;
  const { treeOid } = merged;
  const baseTree = await git.text(['rev-parse', `${baseOid}^{tree}`], { cwd });
  if (treeOid === baseTree) return { kind: 'nothing-left' };
  const returning = await returningBy(git, place, commits, { before: baseTree, after: treeOid });
  const notes = notesOf({ returning });
  const newOid = await writeCommit(git, cwd, {
    tree: treeOid,
    parents: [baseOid, headOid],
    kept: [`author ${committer.ident}`],
    message: `Merge branch '${branch}' into ${main}\n\nTask: ${task}\n`,
    committer,
  });
  return { kind: 'rebased', newOid, treeOid, ...notes };
}

/** What main has had by other commits and has undone since, and the merge has again. */
async function returningBy(
  git: Git,
  place: MergePlace,
  listed: readonly Listed[],
  { before, after }: { readonly before: string; readonly after: string },
): Promise<readonly CommitObject[]> {
  const known = listed.flatMap(({ oid, isInBase }) => (isInBase ? [oid] : []));
  if (known.length === 0) return [];
  // What has no parent is no change of anything.
  const commits = (await readCommits(git, place.bare, known)).filter(({ parents }) => parents.length > 0);
  const undone = await undoneIn(git, place, { tree: before, commits });
  const stillOut = new Set(await undoneIn(git, place, { tree: after, commits: undone }));
  return undone.filter((commit) => !stillOut.has(commit));
}
