import type { RebaseOutcome } from '../../../application/ports/git-workspace';
import { layOutAttributes } from '../run-clone/attributes';
import { writeCopy, type CommitObject } from './commit-object';
import type { Committer } from './committer';
import type { Git } from '../command/git-command';
import { notesOf } from './rebase-notes';
import { undoneIn } from './undone';
import { mergeTrees, pickOnto, type MergePlace } from './merge-trees';

export interface Listed {
  readonly oid: string;
  readonly isMerge: boolean;
  /** It has no parent. */
  readonly isFirst: boolean;
  /** The base has the same change, by a commit of another id. */
  readonly isInBase: boolean;
}

/** What goes where. */
export interface Replay {
  /** They follow each other, without merges, the first one first. */
  readonly commits: readonly Listed[];
  /** The base, what the first commit stands on, and the commits. */
  readonly objects: readonly CommitObject[];
  /** Commits that change attributes. Few do, and only what comes after those needs them laid out anew. */
  readonly changing: ReadonlySet<string>;
  readonly committer: Committer;
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
  { commits, objects: read, changing, committer }: Replay,
): Promise<RebaseOutcome> {
  const { bare: cwd } = place;
  const [base, fork, ...objects] = read;
  if (!base || !fork) throw new Error('expected the base and what the branch stands on, saw none');
  const inBase = new Set(commits.flatMap(({ oid, isInBase }) => (isInBase ? [oid] : [])));
  const undone = await undoneIn(git, place, {
    tree: base.tree,
    commits: objects.filter(({ oid }) => inBase.has(oid)),
  });
  const skipped: CommitObject[] = [];
  const unsigned: CommitObject[] = [];
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
    // What the first commit stands on is in the base, and is what the two have in common.
    const merged =
      tip === base && index === 0
        ? await mergeTrees(git, place, { ours: base.oid, theirs: commit.oid })
        : await pickOnto(git, place, { tree: tip.tree, commit });
    if (merged.kind === 'conflict') return merged;
    const { treeOid: tree } = merged;
    if (tree === tip.tree && !saidNothing) {
      skipped.push(commit);
      continue;
    }
    tip = { tree, oid: await writeCopy(git, cwd, commit, { tree, parent: tip.oid, committer }) };
    if (commit.isSigned) unsigned.push(commit);
    if (changing.has(commit.oid)) await layOutAttributes(git, place, tip.oid);
  }
  const notes = notesOf({ skipped, undone, unsigned });
  if (tip === base) return { kind: 'nothing-left', ...notes };
  return { kind: 'rebased', newOid: tip.oid, treeOid: tip.tree, ...notes };
}
