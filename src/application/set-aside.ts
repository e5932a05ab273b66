import type { SetAside } from '../domain/task/task.commands';
import { GitError, type RepositoryRef } from './ports/git-workspace';

type Cause = Pick<SetAside, 'cause' | 'remedy'>;

/** What waiting does not cure. A lock or a time-out is none of it. */
export function asideOf({ path }: RepositoryRef, error: unknown): Cause | null {
  if (!(error instanceof GitError)) return null;
  if (error.code === 'GIT_NOT_A_REPOSITORY') {
    const remedy = 'put the repository there, or correct `repo` and restart the service';
    return { cause: `expected a git repository at ${path}, saw none`, remedy };
  }
  if (error.code !== 'GIT_FAILED') return null;
  const remedy = 'let the user of the service read the repository, or correct `repo` and restart the service';
  return { cause: `expected a repository that git can read, saw ${error.message}`, remedy };
}

export function noMain({ path, main }: RepositoryRef): Cause {
  const remedy = `push ${main} there, or correct \`main\` and restart the service`;
  return { cause: `expected a branch ${main} in ${path}, saw none`, remedy };
}
