import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** A path as git prints it with `-z`, one character a byte: names may be in no encoding at all. */
export type GitPath = string;

/** For the file system. */
export function onDisk(root: string, path: GitPath): Buffer {
  return Buffer.concat([Buffer.from(join(root, '/')), Buffer.from(path, 'latin1')]);
}

/** For people. */
export function shown(path: GitPath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** Null also where a parent is no folder: then the path leads out of the work tree, or nowhere. */
export function statOf(root: string, path: GitPath): Stats | null {
  return blockedBy(root, path) === null ? (lstatSync(onDisk(root, path), { throwIfNoEntry: false }) ?? null) : null;
}

/** @returns the parent that is there and is no folder, such as a link; null when every one is a folder or missing. */
export function blockedBy(root: string, path: GitPath): GitPath | null {
  for (const parent of parentsOf(path)) {
    const stats = lstatSync(onDisk(root, parent), { throwIfNoEntry: false });
    if (stats === undefined) return null;
    if (!stats.isDirectory()) return parent;
  }
  return null;
}

/** Outermost first. */
export function parentsOf(path: GitPath): readonly GitPath[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
