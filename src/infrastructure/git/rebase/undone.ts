import type { Git } from '../command/git-command';
import type { CommitObject } from './commit-object';
import { pickOnto, type MergePlace } from './merge-trees';

/**
 * Of commits whose change main has had by others: those whose change a tree does not have any more. One after the other,
 * as each may stand on the one before it. What does not merge has been changed by others since, and counts as there.
 */
export async function undoneIn(
  git: Git,
  place: MergePlace,
  { tree, commits }: { readonly tree: string; readonly commits: readonly CommitObject[] },
): Promise<readonly CommitObject[]> {
  const undone: CommitObject[] = [];
  let seen = tree;
  for (const commit of commits) {
    const picked = await pickOnto(git, place, { tree: seen, commit });
    if (picked.kind === 'conflict' || picked.treeOid === seen) continue;
    undone.push(commit);
    seen = picked.treeOid;
  }
  return undone;
}
