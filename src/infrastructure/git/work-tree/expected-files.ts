import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { folderOf, type Marker } from './marker';
import { onDisk, parentsOf, statOf, type GitPath } from './paths';
import type { Touched } from './touched';
import type { Gits } from './work-trees';

/**
 * Removes, of these paths, what git had written before it was killed: files that hold what lands, or the beginning of it.
 * Nothing is lost by that, whoever wrote them, and git writes them anew.
 */
export async function removeWritten(git: Gits, marker: Marker, paths: readonly Touched[]): Promise<void> {
  const { root } = marker.tree;
  const there = paths.filter(({ path, after }) => after !== null && isFileOrLink(root, path));
  if (there.length === 0) return;
  const folder = join(folderOf(marker.tree.gitDir), `written-${marker.token}`);
  try {
    await writeExpected(git, marker, folder, there);
    for (const { path } of there) if (isBeginningOf(root, folder, path)) removeFile(root, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As git would write them in the work tree: with its filters and line ends, and the attributes of what lands. */
async function writeExpected(
  git: Gits,
  { tree, next }: Marker,
  folder: string,
  paths: readonly Touched[],
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'files'), { recursive: true });
  const variables = {
    GIT_DIR: tree.gitDir,
    GIT_WORK_TREE: join(folder, 'files'),
    GIT_INDEX_FILE: join(folder, 'index'),
  };
  const at = { cwd: join(folder, 'files'), variables, encoding: 'latin1' } as const;
  const wanted = new Set(paths.map(({ path }) => path));
  const all = (await git.isolated.text(['ls-tree', '-r', '-z', next], at)).split('\0');
  const needed = all.filter((line) => {
    const path = line.slice(line.indexOf('\t') + 1);
    return wanted.has(path) || basename(path) === '.gitattributes';
  });
  const input = Buffer.from(needed.map((line) => `${line}\0`).join(''), 'latin1');
  await git.isolated.run(['update-index', '-z', '--index-info'], { ...at, input });
  // What a filter refuses to write here, it has not written there either.
  await git.ofUser.run(['checkout-index', '--all', '--quiet'], { ...at, answers: [0, 1, 128] });
}

function isBeginningOf(root: string, folder: string, path: GitPath): boolean {
  const [seen, written] = [contentOf(onDisk(root, path)), contentOf(onDisk(join(folder, 'files'), path))];
  return written !== null && seen !== null && seen.equals(written.subarray(0, seen.length));
}

function contentOf(path: Buffer): Buffer | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return readlinkSync(path, 'buffer');
  return stats?.isFile() ? readFileSync(path) : null;
}

function isFileOrLink(root: string, path: GitPath): boolean {
  const stats = statOf(root, path);
  return stats !== null && (stats.isFile() || stats.isSymbolicLink());
}

/** With the folders that were made for it: where a file was before, an empty one would be in its way. */
function removeFile(root: string, path: GitPath): void {
  rmSync(onDisk(root, path));
  for (const parent of [...parentsOf(path)].reverse()) {
    try {
      rmdirSync(onDisk(root, parent));
    } catch {
      // It holds something, so it has to stay, and those around it.
      return;
    }
  }
}
