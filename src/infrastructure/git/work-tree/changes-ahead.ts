import type { RepositoryRef } from '../../../application/ports/git-workspace';
import { listed } from '../../../domain/task/words/seen-words';
import { Git } from '../command/git-command';
import { branchRef } from '../command/names';
import { withoutFilters } from '../command/without-filters';
import { blockedBy, shown, statOf, type GitPath } from './paths';
import { filesOfMain } from './work-trees';

/**
 * What of a person's work would be in the way if the branch landed as it is; the landing itself looks again, and harder.
 *
 * @returns names for people in one line; null when there is nothing, or no files follow.
 */
export async function changesAhead(repository: RepositoryRef, branch: string): Promise<string | null> {
  const git = new Git();
  const files = await filesOfMain(git, repository);
  if (files.kind !== 'there') return null;
  const { root } = files.tree;
  const pathsOf = async (...args: readonly string[]) =>
    (await git.text(args, { cwd: root, encoding: 'latin1', settings: await withoutFilters(git, root) })).split('\0');
  const range = `${branchRef(repository.main)}...${branchRef(branch)}`;
  const brought = await pathsOf('diff', '-z', '--name-only', '--no-renames', '--no-ext-diff', range);
  const known = new Set(await pathsOf('ls-files', '-z'));
  const changed = new Set([
    ...(await pathsOf('ls-files', '-z', '--modified')),
    ...(await pathsOf('diff-index', '-z', '--name-only', '--cached', 'HEAD')),
  ]);
  const ahead = brought.filter((path) => path !== '' && (known.has(path) ? changed.has(path) : isThere(root, path)));
  return ahead.length === 0 ? null : listed(ahead.map(shown)).join(', ');
}

function isThere(root: string, path: GitPath): boolean {
  return blockedBy(root, path) !== null || statOf(root, path) !== null;
}
