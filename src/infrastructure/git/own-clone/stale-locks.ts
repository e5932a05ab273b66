import { readdirSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { GIT_STEP_MS } from '../../../domain/task/job-limits';
import { GitError } from '../../../application/ports/git-workspace';
import { commonDirOf } from '../command/common-dir';
import type { Git } from '../command/git-command';

/** No command of ours lives longer than this; a lock that is older has lost its owner. */
export const LOCK_LIFE_MS = GIT_STEP_MS + 30_000;

/**
 * Removes the locks of these refs that nobody can hold any more: git that was killed leaves them, and nobody else would
 * ever take them away.
 *
 * @returns true when one was removed, so that trying again is worth it.
 */
export async function removeStaleLocks(git: Git, cwd: string, refs: readonly string[]): Promise<boolean> {
  const dir = await commonDirOf(git, cwd);
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

const PACKED_LOCK = '/packed-refs.lock';
const PACKED_PART = '/packed-refs.new';

function removeStale(locks: readonly string[]): boolean {
  const stale = locks.filter((path) => isStale(path));
  for (const path of stale) {
    // Written under that lock, and nobody begins another one while it is there.
    if (path.endsWith(PACKED_LOCK)) rmSync(path.replace(PACKED_LOCK, PACKED_PART), { force: true });
    rmSync(path, { force: true });
  }
  return stale.length > 0;
}

/** Locks that were in the way, with their time of change, and since when (monotonic): the wall clock may have been set back. */
const seen = new Map<string, { readonly mtimeMs: number; readonly since: number }>();

/** Whether whoever made a file, and would have removed it within `lifeMs`, is gone; false where there is none. */
export function isStale(path: string, lifeMs = LOCK_LIFE_MS): boolean {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const known = seen.get(path);
  if (mtimeMs === undefined) {
    seen.delete(path);
    return false;
  }
  if (known?.mtimeMs !== mtimeMs) seen.set(path, { mtimeMs, since: performance.now() });
  const watchedMs = known?.mtimeMs === mtimeMs ? performance.now() - known.since : 0;
  const isOfAnotherBoot = mtimeMs < Date.now() - uptime() * 1000;
  return isOfAnotherBoot || Math.max(watchedMs, Date.now() - mtimeMs) > lifeMs;
}
