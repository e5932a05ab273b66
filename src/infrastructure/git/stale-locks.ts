import { readdirSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { GIT_STEP_MS } from '../../domain/task/job';
import { GitError } from '../../application/ports/git-workspace';
import type { Git } from './git-command';

/** No command of ours lives longer than this; a lock that is older has lost its owner. */
export const LOCK_LIFE_MS = GIT_STEP_MS + 30_000;

/**
 * Removes the locks of these refs that nobody can hold any more: git that was killed leaves them, and nobody else would
 * ever take them away.
 *
 * @returns true when one was removed, so that trying again is worth it.
 */
export async function removeStaleLocks(git: Git, cwd: string, refs: readonly string[]): Promise<boolean> {
  const dir = (await git.text(['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd })).trim();
  return removeStale(refs.map((ref) => join(dir, `${ref}.lock`)));
}

/** Does `work` in a repository of the service's own, and again if only a stale lock was in its way. */
export async function pastStaleLocks<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_LOCKED' || !removeStale(locksIn(dir))) throw error;
    return await work();
  }
}

function locksIn(dir: string): readonly string[] {
  const refs = join(dir, 'refs');
  const paths = [...names(dir).map((name) => join(dir, name)), ...names(refs, true).map((name) => join(refs, name))];
  return paths.filter((path) => path.endsWith('.lock'));
}

function names(dir: string, recursive = false): readonly string[] {
  try {
    return readdirSync(dir, { recursive, encoding: 'utf8' });
  } catch {
    // Somebody removed a folder of it meanwhile; what is there will be there at the next try too.
    return [];
  }
}

function removeStale(locks: readonly string[]): boolean {
  const stale = locks.filter(isStale);
  for (const path of stale) rmSync(path, { force: true });
  return stale.length > 0;
}

function isStale(path: string): boolean {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (mtimeMs === undefined) return false;
  const isOfAnotherBoot = mtimeMs < Date.now() - uptime() * 1000;
  return isOfAnotherBoot || Date.now() - mtimeMs > LOCK_LIFE_MS;
}
