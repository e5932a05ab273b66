import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { hasCode } from '../../system/durable-files';
import { isStale } from './stale-locks';

/**
 * Does work that no two processes may do at once, unless somebody is at it.
 *
 * @param mark a file that is there for as long as somebody is.
 * @param lifeMs who has not ended by then was killed; the mark is taken over.
 * @returns whether it was done.
 */
export async function oneAtATime(mark: string, lifeMs: number, work: () => Promise<void>): Promise<boolean> {
  if (isStale(mark, lifeMs)) rmSync(mark, { force: true });
  if (!(await isMade(mark))) return false;
  try {
    await work();
    return true;
  } finally {
    rmSync(mark, { force: true });
  }
}

async function isMade(mark: string): Promise<boolean> {
  try {
    await (await open(mark, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
