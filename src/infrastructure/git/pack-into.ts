import { join } from 'node:path';
import type { Git } from './git-command';

/** What is gone after the run need not survive a power cut. */
export const FLEETING = ['-c', 'core.fsync=none'];

interface Packing {
  readonly from: string;
  readonly into: string;
  readonly input: string;
  readonly options?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Copies objects from one repository into another.
 *
 * @param input what `git pack-objects --revs` reads.
 * @returns the pack; nobody has looked yet whether its objects are what their names say.
 */
export async function packInto(
  git: Git,
  { from, into, input, options = [], variables = {} }: Packing,
): Promise<string> {
  const place = join(into, '.git/objects/pack/pack');
  const quick = ['--quiet', '--revs', '--delta-base-offset', '--window=0', ...options];
  const name = await git.text([...FLEETING, 'pack-objects', ...quick, place], { cwd: from, input, variables });
  return `${place}-${name}.pack`;
}
