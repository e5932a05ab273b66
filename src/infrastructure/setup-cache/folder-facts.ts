import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** What changes whenever somebody writes: nobody but the superuser can set the time of the last change back. */
const facts = ({ ino, mode, size, ctimeNs }: BigIntStats): string => [ino, mode, size, ctimeNs].join(' ');

/**
 * What stands in a folder, file by file.
 *
 * @param except folders below it that are not looked into.
 * @returns by path below the folder.
 */
export async function factsOf(root: string, except: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const skipped = new Set(except);
  await walk(root, '', async (path, stats) => {
    if (skipped.has(path)) return false;
    // A folder changes with what it holds, which is looked at by itself.
    if (!stats.isDirectory()) found.set(path, facts(stats));
    return true;
  });
  return found;
}

/** @returns paths that are in one of them only, or not the same in both. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const changed = [...after].flatMap(([path, seen]) => (before.get(path) === seen ? [] : [path]));
  return [...changed, ...[...before.keys()].filter((path) => !after.has(path))].sort();
}

/** @returns the first thing below a folder that a copy elsewhere would not be good for; null when there is none. */
export async function uncopyableIn(root: string): Promise<string | null> {
  let found: string | null = null;
  await walk(root, '', async (path, stats) => {
    if (stats.isSymbolicLink() && isAbsolute(await readlink(join(root, path))))
      found ??= `${path} is a link by its full path`;
    else if (!stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink())
      found ??= `${path} is no file, folder or link`;
    return true;
  });
  return found;
}

export interface FolderSize {
  readonly files: number;
  readonly bytes: number;
}

export async function sizeOf(root: string): Promise<FolderSize> {
  let [files, bytes] = [0, 0];
  await walk(root, '', (_path, stats) => {
    files += 1;
    if (stats.isFile()) bytes += Number(stats.size);
    return true;
  });
  return { files, bytes };
}

/** @param visit says whether what is below the path is of interest. */
async function walk(
  root: string,
  below: string,
  visit: (path: string, stats: BigIntStats) => boolean | Promise<boolean>,
): Promise<void> {
  const names = await readdir(join(root, below));
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = below === '' ? name : `${below}/${name}`;
      return { path, stats: await lstat(join(root, path), { bigint: true }) };
    }),
  );
  for (const { path, stats } of entries)
    if ((await visit(path, stats)) && stats.isDirectory()) await walk(root, path, visit);
}
