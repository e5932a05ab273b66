import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../system/durable-files';

/**
 * Whether a path is a folder of the clone itself: neither it nor what is above it is a link to somewhere else.
 *
 * @returns what is there instead; null when all is well.
 */
export async function objectionToFolder(root: string, folder: string): Promise<string | null> {
  const found = await walkDown(root, folder);
  if (found === 'free') return `${folder} is not there`;
  return found === 'folder' ? null : found.words;
}

/**
 * Whether a folder can be put at a path of a fresh clone. A commit may have anything there, also a link above it, by which
 * whoever writes or removes would do so outside of the clone.
 *
 * @returns what is there; null when nothing is.
 */
export async function objectionToPlace(root: string, folder: string): Promise<string | null> {
  const found = await walkDown(root, folder);
  if (found === 'free') return null;
  return found === 'folder' ? `${folder} is part of the commit` : found.words;
}

async function walkDown(root: string, folder: string): Promise<'free' | 'folder' | { readonly words: string }> {
  let path = root;
  let below = '';
  for (const part of folder.split('/')) {
    path = join(path, part);
    below = below === '' ? part : `${below}/${part}`;
    const stats = await statsAt(path);
    if (stats === null) return 'free';
    if (stats.isSymbolicLink()) return { words: `${below} leads to ${await readlink(path)}` };
    if (!stats.isDirectory()) return { words: `${below} is no folder` };
  }
  return 'folder';
}

/** @returns null where nothing is, links not followed. */
export async function statsAt(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
