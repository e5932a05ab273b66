import { join } from 'node:path';
import type { Git } from '../command/git-command';

/** What is gone after the run need not survive a power cut. */
export const FLEETING = ['-c', 'core.fsync=none'];

interface Packing {
  /** A repository whose refs and shallow commits count. */
  readonly from: string;
  /** The folder with its objects. */
  readonly objects: string;
  readonly into: string;
  readonly input: string;
  readonly options?: readonly string[];
}

/**
 * Copies objects from one repository into another. Nothing is written into the first one, not even on the way: it may be
 * somebody else's, and on a file system from which nothing can be moved over.
 *
 * @param input what `git pack-objects --revs` reads.
 * @returns the pack; nobody has looked yet whether its objects are what their names say.
 */
export async function packInto(git: Git, { from, objects, into, input, options = [] }: Packing): Promise<string> {
  const own = join(into, '.git/objects');
  const place = join(own, 'pack/pack');
  const variables = { GIT_OBJECT_DIRECTORY: own, GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(objects) };
  const quick = ['--quiet', '--revs', '--delta-base-offset', '--window=0', ...options];
  const name = await git.text([...FLEETING, 'pack-objects', ...quick, place], { cwd: from, input, variables });
  return `${place}-${name}.pack`;
}
