import type { RebaseOutcome } from '../../application/ports/git-workspace';
import { ATTRIBUTE_FILES, layOutAttributes } from './attributes';
import { readCommits, writeCopy, type CommitObject } from './commit-object';
import type { Git } from './git-command';
import { notesOf } from './rebase-notes';
import { undoneIn } from './undone';
import { pickOnto, type MergePlace } from './merge-trees';

export interface Listed {
  readonly oid: string;
  /** The base has the same change, by a commit of another id. */
  readonly isInBase: boolean;
}

/** What goes where: commits that follow each other, without merges, the first one first. */
export interface Replay {
  readonly commits: readonly Listed[];
  readonly baseOid: string;
  readonly headOid: string;
}

interface Tip {
  readonly oid: string;
  readonly tree: string;
}

/**
 * Puts one commit after the other on the base, as `git rebase` does: the change of each is merged into what is there, one
 * that has nothing left to say is dropped, one that never said anything stays. Needs no files: every merge is one of trees.
 */
export async function replay(
  git: Git,
  place: MergePlace,
  { commits, baseOid, headOid }: Replay,
): Promise<RebaseOutcome> {
  const { bare: cwd } = place;
  const oids = commits.map(({ oid }) => oid);
  const [first] = oids;
  if (first === undefined) return { kind: 'nothing-left' };
  const committer = await git.text(['var', 'GIT_COMMITTER_IDENT'], { cwd });
  const changing = await changingAttributes(git, cwd, `${baseOid}..${headOid}`);
  const [base, fork, ...objects] = await readCommits(git, cwd, [baseOid, `${first}^`, ...oids]);
  if (!base || !fork) throw new Error(`expected the commits of ${baseOid} and of the fork, saw none`);
  const inBase = new Set(commits.flatMap(({ oid, isInBase }) => (isInBase ? [oid] : [])));
  const undone = await undoneIn(git, place, {
    tree: base.tree,
    commits: objects.filter(({ oid }) => inBase.has(oid)),
  });
  const skipped: CommitObject[] = [];
  let tip: Tip = base;
  for (const [index, commit] of objects.entries()) {
    const [parent = ''] = commit.parents;
    const saidNothing = commit.tree === (objects[index - 1] ?? fork).tree;
    // Commits without a change are all alike; they are there for their words.
    if (inBase.has(commit.oid) && !saidNothing) {
      skipped.push(commit);
      continue;
    }
    if (parent === tip.oid) {
      tip = commit;
      continue;
    }
    const merged = await pickOnto(git, place, { tree: tip.tree, commit });
    if (merged.kind === 'conflict') return merged;
    const { treeOid: tree } = merged;
    if (tree === tip.tree && !saidNothing) {
      skipped.push(commit);
      continue;
    }
    tip = { tree, oid: await writeCopy(git, cwd, commit, { tree, parent: tip.oid, committer }) };
    if (changing.has(commit.oid)) await layOutAttributes(git, place, tip.oid);
  }
  const notes = notesOf({ skipped, undone });
  if (tip.oid === baseOid) return { kind: 'nothing-left', ...notes };
  return { kind: 'rebased', newOid: tip.oid, treeOid: tip.tree, ...notes };
}

/** Few commits change them, and only what comes after those needs them laid out anew. */
async function changingAttributes(git: Git, cwd: string, range: string): Promise<ReadonlySet<string>> {
  return new Set((await git.text(['rev-list', range, '--', ATTRIBUTE_FILES], { cwd })).split('\n'));
}
