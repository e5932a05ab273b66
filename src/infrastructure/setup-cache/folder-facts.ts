import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

/** What changes whenever somebody writes: nobody but the superuser can set the time of the last change back. */
const facts = ({ ino, mode, size, ctimeNs }: BigIntStats): string => [ino, mode, size, ctimeNs].join(' ');

/** What is known of each thing below a folder, by its path in bytes. */
export type FolderFacts = ReadonlyMap<string, string>;

/** Names are bytes and need be no text, so paths are walked in latin1: a character for each byte. */
const bytesOf = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
const onDisk = (path: string): Buffer => Buffer.from(path, 'latin1');
const wordsOfBytes = (path: string): string => onDisk(path).toString('utf8');

/**
 * What stands in a folder, file by file.
 *
 * @param except folders below it that are not looked into.
 * @returns by path below the folder.
 */
export async function factsOf(root: string, except: readonly string[]): Promise<FolderFacts> {
  const found = new Map<string, string>();
  const skipped = new Set(except.map(bytesOf));
  const above = new Set([...skipped].flatMap(foldersAbove));
  await walk(root, (path, stats) => {
    if (skipped.has(path)) return false;
    // Of a folder its time is that of what it holds, which is looked at by itself. Those above come with a copy.
    if (!stats.isDirectory()) found.set(path, facts(stats));
    else if (!above.has(path)) found.set(path, `folder ${stats.mode}`);
    return true;
  });
  return found;
}

/** `a` and `a/b` of `a/b/c`. */
function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** @returns paths that are in one of them only, or not the same in both, in words. */
export function differences(before: FolderFacts, after: FolderFacts): readonly string[] {
  const changed = [...after].flatMap(([path, seen]) => (before.get(path) === seen ? [] : [path]));
  return [...changed, ...[...before.keys()].filter((path) => !after.has(path))].sort().map(wordsOfBytes);
}

/** @returns the first thing below a folder that a copy elsewhere would not be good for; null when there is none. */
export async function uncopyableIn(root: string): Promise<string | null> {
  let found: string | null = null;
  await walk(root, async (path, stats, full) => {
    if (stats.isSymbolicLink() && isAbsolute(await readlink(full)))
      found ??= `${wordsOfBytes(path)} is a link by its full path`;
    else if (!stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink())
      found ??= `${wordsOfBytes(path)} is no file, folder or link`;
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
  await walk(root, (_path, stats) => {
    files += 1;
    if (stats.isFile()) bytes += Number(stats.size);
    return true;
  });
  return { files, bytes };
}

/** Is given the path below the folder, and the whole one. Says whether what is below it is of interest. */
type Visit = (path: string, stats: BigIntStats, full: Buffer) => boolean | Promise<boolean>;

async function walk(root: string, visit: Visit): Promise<void> {
  await walkBelow(`${bytesOf(root)}/`, '', visit);
}

async function walkBelow(root: string, below: string, visit: Visit): Promise<void> {
  const names = await readdir(onDisk(root + below), { encoding: 'latin1' });
  const entries = await Promise.all(
    names.map(async (name) => {
      const path = below + name;
      const full = onDisk(root + path);
      return { path, full, stats: await lstat(full, { bigint: true }) };
    }),
  );
  for (const { path, full, stats } of entries)
    if ((await visit(path, stats, full)) && stats.isDirectory()) await walkBelow(root, `${path}/`, visit);
}
