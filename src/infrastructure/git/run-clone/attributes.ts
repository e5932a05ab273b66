import { mkdir, rm } from 'node:fs/promises';
import type { Git } from '../command/git-command';
import type { MergePlace } from '../rebase/merge-trees';

/** The files of attributes, wherever they are. */
const ATTRIBUTE_FILES = ':(glob)**/.gitattributes';

export function isAttributeFile(path: string): boolean {
  return path === '.gitattributes' || path.endsWith('/.gitattributes');
}

/**
 * Lays out the attributes of a commit where git looks for them when it merges: which files are binary, which are merged
 * line by line whatever both sides have done. In a folder of their own, because a merge needs nothing else of a work tree.
 *
 * @param options false where it is known to have none.
 */
export async function layOutAttributes(
  git: Git,
  { bare, attributes }: MergePlace,
  commit: string,
  { mayHaveSome = true } = {},
): Promise<void> {
  await rm(attributes, { recursive: true, force: true });
  await mkdir(attributes, { recursive: true, mode: 0o700 });
  if (!mayHaveSome) return;
  const place = [`--git-dir=${bare}`, `--work-tree=${attributes}`];
  // 1: it has none.
  await git.run([...place, 'checkout', '--quiet', commit, '--', ATTRIBUTE_FILES], { cwd: attributes, answers: [0, 1] });
}
