import { stat } from 'node:fs/promises';
import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from './git-command';

/** Before git is asked, which says less of a path that leads nowhere. @throws GitError GIT_NOT_A_REPOSITORY */
export async function expectFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new GitError('GIT_NOT_A_REPOSITORY', `${path}: expected a git repository, saw no folder; name one`);
}

/** @returns the git directory that all work trees of a repository share, as an absolute path. */
export function commonDirOf(git: Git, cwd: string): Promise<string> {
  return git.text([...QUERY], { cwd });
}

/** What git says of a repository as a whole. */
export interface RepositoryPlace {
  readonly commonDir: string;
  readonly isShallow: boolean;
  /** It has no files of its own; linked work trees may have. */
  readonly isBare: boolean;
}

export async function placeOf(git: Git, cwd: string): Promise<RepositoryPlace> {
  const text = await git.text([...QUERY, '--is-shallow-repository', '--is-bare-repository'], { cwd });
  const [commonDir = '', isShallow, isBare] = text.split('\n');
  return { commonDir, isShallow: isShallow === 'true', isBare: isBare === 'true' };
}

const QUERY = ['rev-parse', '--path-format=absolute', '--git-common-dir'];
