import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SetupPlan } from '../../application/ports/setup-cache';
import type { Digest } from '../../domain/ids';
import { digestOfFile } from '../system/file-digest';
import { statsAt } from './place-in-clone';

/**
 * What a set-up's result follows from, in one word. A file that is not there counts as such, as long as another one is.
 *
 * @returns an objection where that would not tell one state of the files from another.
 */
export async function keyOf(
  { folders, keyFiles, digest }: SetupPlan,
  cwd: string,
): Promise<{ readonly key: Digest } | { readonly objection: string }> {
  const contents: (readonly [string, string | null])[] = [];
  for (const path of keyFiles) {
    const stats = await statsAt(join(cwd, path));
    if (stats?.isSymbolicLink()) return { objection: `${path} is a link; name the file that it leads to as the key` };
    if (stats && !stats.isFile()) return { objection: `${path} is no file; name files as the key` };
    contents.push([path, stats && (await digestOfFile(join(cwd, path)))]);
  }
  if (contents.every(([, content]) => content === null))
    return { objection: `no file of the key is there: ${keyFiles.join(', ')}` };
  const key = createHash('sha256').update(JSON.stringify([digest, folders, contents]));
  return { key: key.digest('hex') };
}
