import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What is kept may quote what a suite printed: it is the service's own, not everybody's. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Makes a directory and its missing parents so that they survive a power loss. */
export async function makeDurableDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeDurableDirectory(dirname(dir));
    return makeDurableDirectory(dir);
  }
  // The new name is an entry of the parent: that is what has to reach the disk.
  await syncDirectories(dirname(dir));
}

/** At once, or in pieces that nobody holds together. */
type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** Gives `path` these bytes in one step: a reader sees the old file or the whole new one. When they break off, the old one stays. */
export async function replaceDurably(path: string, bytes: Content): Promise<void> {
  await throughTemporary(path, bytes, (temporary) => rename(temporary, path));
}

/**
 * As `replaceDurably`, but never over something that is already there.
 *
 * @returns false when the name is taken, whatever by.
 */
export async function createDurably(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await throughTemporary(path, bytes, (temporary) => link(temporary, path));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

export type OpenedFile =
  | { readonly kind: 'file'; readonly handle: FileHandle }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-file' };

/** Opens a regular file for reading; follows no link, and waits for no writer of a pipe. */
export async function openRegularFile(path: string): Promise<OpenedFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { kind: 'missing' };
    // A link, a socket, a device without a driver.
    if (hasCode(error, 'ELOOP') || hasCode(error, 'ENXIO')) return { kind: 'not-a-file' };
    throw error;
  }
  if ((await handle.stat()).isFile()) return { kind: 'file', handle };
  await handle.close();
  return { kind: 'not-a-file' };
}

/** Names reach the disk with the directory that holds them, not with the file. */
export async function syncDirectories(...dirs: readonly string[]): Promise<void> {
  for (const dir of dirs) {
    const handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as NodeJS.ErrnoException).code === code;
}

async function throughTemporary(
  path: string,
  bytes: Content,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  // A leading dot keeps it out of every name that an artifact can have.
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeSynced(temporary, bytes);
    await publish(temporary);
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
  await syncDirectories(dirname(path));
}

async function writeSynced(path: string, bytes: Content): Promise<void> {
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    await writeFile(handle, bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename took the temporary name away already. */
function ignoreMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
