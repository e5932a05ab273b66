import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { FLEETING } from '../fetching/pack-into';
import type { LfsFile } from './lfs-files';
import { copyContents } from './lfs-store';

/** As `git lfs install --local` writes it. No address: what is not in there comes from nowhere. */
const FILTER = [
  '[filter "lfs"]',
  '\tclean = git-lfs clean -- %f',
  '\tsmudge = git-lfs smudge -- %f',
  '\tprocess = git-lfs filter-process',
  '\trequired = true',
  '',
].join('\n');

/**
 * Puts the content of files that Git LFS keeps into a clone that has their pointers checked out, and Git LFS with it.
 *
 * @throws GitError GIT_UNSUPPORTED where a content is not what its name says.
 */
export async function fillLfs(
  git: Git,
  { dir, files, store }: { readonly dir: string; readonly files: readonly LfsFile[]; readonly store: string },
): Promise<void> {
  if (files.length === 0) return;
  const fault = await copyContents(files, store, join(dir, '.git/lfs/objects'));
  if (fault !== null) throw new GitError('GIT_UNSUPPORTED', fault);
  await appendFile(join(dir, '.git/config'), FILTER);
  // A file that is as the index says would not be written again.
  for (const { path } of files) await rm(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(path, 'latin1')]));
  const input = Buffer.from(files.map(({ path }) => `${path}\0`).join(''), 'latin1');
  await git.run([...FLEETING, 'checkout-index', '--quiet', '--index', '-z', '--stdin'], { cwd: dir, input });
}
