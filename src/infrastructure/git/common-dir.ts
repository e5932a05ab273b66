import type { Git } from './git-command';

/** @returns the git directory that all work trees of a repository share, as an absolute path. */
export function commonDirOf(git: Git, cwd: string): Promise<string> {
  return git.text(['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd });
}
