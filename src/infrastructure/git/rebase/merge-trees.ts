import { GitError, type RebaseOutcome } from '../../../application/ports/git-workspace';
import type { CommitObject } from './commit-object';
import type { Git } from '../command/git-command';
import { withinSentence } from '../../../domain/within-sentence';

export type Merged =
  { readonly kind: 'clean'; readonly treeOid: string } | Extract<RebaseOutcome, { kind: 'conflict' }>;

/** Where two commits are merged: a git directory, and a work tree that has nothing but the attributes that count. */
export interface MergePlace {
  readonly bare: string;
  readonly attributes: string;
}

const OID = /^[0-9a-f]{40,64}$/;

/**
 * Merges the change of one commit into a tree, as a cherry-pick does: the tree is given the commit's parent, which is then
 * the one base that the two have.
 */
export async function pickOnto(
  git: Git,
  place: MergePlace,
  { tree, commit }: { readonly tree: string; readonly commit: Pick<CommitObject, 'oid' | 'parents'> },
): Promise<Merged> {
  const [parent = ''] = commit.parents;
  const ours = await git.text(['commit-tree', tree, '-p', parent, '-m', 'tip'], { cwd: place.bare });
  return mergeTrees(git, place, { ours, theirs: commit.oid });
}

/** Merges two commits as git does, without a work tree of their files. */
export async function mergeTrees(
  git: Git,
  { bare, attributes }: MergePlace,
  { ours, theirs }: { readonly ours: string; readonly theirs: string },
): Promise<Merged> {
  const place = [`--git-dir=${bare}`, `--work-tree=${attributes}`];
  const args = [
    ...place,
    '-c',
    'merge.renames=true',
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
  ];
  const result = await git.run([...args, ours, theirs], { cwd: attributes, answers: [0, 1] });
  const [treeOid = '', ...paths] = result.stdout.split('\0');
  // Exit code 1 alone may also mean that a commit is missing.
  if (!OID.test(treeOid))
    throw new GitError('GIT_FAILED', `git merge-tree: ${withinSentence(result.stderr.slice(0, 300))}`);
  return result.exitCode === 0 ? { kind: 'clean', treeOid } : { kind: 'conflict', paths: paths.filter(Boolean) };
}
