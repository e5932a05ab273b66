import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listed } from '../../../domain/task/words/seen-words';
import { digestOfFile } from '../../system/file-digest';
import type { Git } from '../command/git-command';
import { shownPath } from '../fetching/tree-faults';
import type { LfsFile } from './lfs-files';

/** @returns the folder of contents that belongs to a git directory. */
export function storeIn(gitDir: string): string {
  return join(gitDir, 'lfs/objects');
}

/** @returns where Git LFS keeps a content, in the folder of its objects. */
function placeOf(store: string, contentOid: string): string {
  return join(store, contentOid.slice(0, 2), contentOid.slice(2, 4), contentOid);
}

/**
 * Why a run of a commit would test pointers in place of files; null where it would not.
 *
 * @param store folder of the contents that are at hand.
 */
export async function lfsFault(
  git: Git,
  cwd: string,
  files: readonly LfsFile[],
  store: string,
): Promise<string | null> {
  if (files.length === 0) return null;
  if (!(await isInstalled(git, cwd)))
    return `${named(files)}: expected git-lfs for what Git LFS keeps, saw none on the PATH; install it`;
  const missing: LfsFile[] = [];
  for (const file of files) if (!(await isFile(placeOf(store, file.contentOid)))) missing.push(file);
  return missing.length === 0 ? null : missingWords(missing, store);
}

/** Copies contents, and looks whether each is what its name says. @returns a fault as above. */
export async function copyContents(files: readonly LfsFile[], from: string, into: string): Promise<string | null> {
  for (const file of new Map(files.map((one) => [one.contentOid, one])).values()) {
    const copy = placeOf(into, file.contentOid);
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(placeOf(from, file.contentOid), copy);
    if ((await digestOfFile(copy)) === file.contentOid) continue;
    await rm(copy);
    return missingWords([file], from);
  }
  return null;
}

function missingWords(files: readonly LfsFile[], store: string): string {
  const where = `run "git lfs fetch --all" in ${dirname(dirname(store))}`;
  return `${named(files)}: expected what Git LFS keeps of it in ${store}, saw none that is whole; ${where}`;
}

function named(files: readonly LfsFile[]): string {
  return listed(
    files.map(({ path }) => shownPath(path)),
    1,
  ).join(', ');
}

/** Asked each time: whoever reads that it is missing installs it, and does not restart the service for it. */
async function isInstalled(git: Git, cwd: string): Promise<boolean> {
  return (await git.run(['lfs', 'version'], { cwd, answers: [0, 1] })).exitCode === 0;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
