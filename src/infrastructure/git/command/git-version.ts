import { GitError } from '../../../application/ports/git-workspace';
import { isAtLeast } from '../../system/version';
import { Git } from './git-command';

/** The oldest git whose commands and answers are known to be what is expected here: that of Debian 12, on which it is tested. */
export const MIN_GIT = '2.39';

const ANSWER = /^git version (\d+(?:\.\d+)*)/;

/** @returns the version of the git on PATH (`2.39.5`); null when there is none, or when what is there does not say. */
export async function gitVersion(): Promise<string | null> {
  try {
    const said = await new Git().text(['--version'], { cwd: '/', timeoutMs: 10_000 });
    return ANSWER.exec(said)?.[1] ?? null;
  } catch {
    // Not there, not executable, or broken: for whoever asks that is one and the same.
    return null;
  }
}

/** One line when the git is not good enough; null when it is. */
export function gitObjection(version: string | null): string | null {
  if (version !== null && isAtLeast(version, MIN_GIT)) return null;
  const seen = version === null ? 'none on PATH' : version;
  return `git: expected version ${MIN_GIT} or newer, saw ${seen}; install one and put its folder first in PATH`;
}

/**
 * To be known before anything is written: an older git would fail somewhere in the middle.
 *
 * @throws GitError GIT_TOO_OLD
 */
export async function requireGit(): Promise<void> {
  const objection = gitObjection(await gitVersion());
  if (objection !== null) throw new GitError('GIT_TOO_OLD', objection);
}
