import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, Oid } from '../../domain/ids';
import { removeTree } from '../git/run-clone/work-folders';
import { hasCode } from '../system/durable-files';
import { copyFolders, syncFileSystemOf } from './copy-folder';
import { sizeOf, type FolderSize } from './folder-facts';

const DIRECTORY_MODE = 0o700;
const SIZE_FILE = 'size.json';
const FILES = 'files';
/** Twice the longest copy. */
const HALF_MADE_MS = 600_000;
/** A name that is being written. */
const HIDDEN = '.';

/** What is kept of one project: `offered/<key>` for everybody, `aside/<tree>.<key>` until the tree has landed. */
export class CacheEntries {
  private readonly offered: string;
  private readonly aside: string;

  constructor(private readonly root: string) {
    this.offered = join(root, 'offered');
    this.aside = join(root, 'aside');
  }

  /** @returns whether it was there, whole; half a copy may be left in the clone when it was not. */
  async copyOut(key: Digest, cwd: string, folders: readonly string[]): Promise<boolean> {
    const entry = join(this.offered, key);
    const size = await readSize(entry);
    let isCopied = false;
    try {
      if (size === null) return false;
      await copyFolders(join(entry, FILES), cwd, folders);
      await utimes(entry, new Date(), new Date());
      isCopied = sameSize(size, await sizeOfAll(cwd, folders));
      return isCopied;
    } finally {
      // Out of the way of the next one: what is offered stays otherwise.
      if (!isCopied && !(await isWhole(entry, size, folders))) await removeTree(entry);
    }
  }

  /** @returns why it is not kept; null when it is. */
  async setAside(
    key: Digest,
    { cwd, folders, treeOid, maxBytes }: { cwd: string; folders: readonly string[]; treeOid: Oid; maxBytes: number },
  ): Promise<string | null> {
    const size = await sizeOfAll(cwd, folders);
    if (size.bytes > maxBytes) return `${size.bytes} bytes are more than the ${maxBytes} that may be kept`;
    const part = join(this.root, HIDDEN + randomUUID());
    await this.removeHalfMade();
    try {
      await mkdir(join(part, FILES), { recursive: true, mode: DIRECTORY_MODE });
      await copyFolders(cwd, join(part, FILES), folders);
      await writeFile(join(part, SIZE_FILE), JSON.stringify(await sizeOfAll(join(part, FILES), folders)));
      await syncFileSystemOf(part);
      await makeRoom(await this.entries(), maxBytes - size.bytes);
      await put(part, join(this.aside, `${treeOid}.${key}`));
    } finally {
      await removeTree(part);
    }
    return null;
  }

  /** Everything that was set aside of a tree; what is offered under the same key already stays. */
  async offer(treeOid: Oid): Promise<void> {
    for (const name of await namesIn(this.aside)) {
      const [tree, key = ''] = name.split('.');
      if (tree === treeOid) await put(join(this.aside, name), join(this.offered, key));
    }
  }

  /** What a killed process was writing; nothing is written for that long. */
  private async removeHalfMade(): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const path = join(this.root, name);
      const { mtimeMs } = (await stat(path).catch(() => null)) ?? { mtimeMs: Infinity };
      if (name.startsWith(HIDDEN) && Date.now() - mtimeMs > HALF_MADE_MS) await removeTree(path);
    }
  }

  private async entries(): Promise<readonly Entry[]> {
    const paths = await Promise.all(
      [this.offered, this.aside].map(async (dir) => (await namesIn(dir)).map((name) => join(dir, name))),
    );
    const entries = await Promise.all(paths.flat().map(entryAt));
    return entries.filter((entry) => entry !== null);
  }
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

async function entryAt(path: string): Promise<Entry | null> {
  const size = await readSize(path);
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  // What has no size is nothing that could be used.
  if (size === null) await removeTree(path);
  return size && { path, bytes: size.bytes, usedMs: found.mtimeMs };
}

/** What was not used for the longest time goes first. */
async function makeRoom(all: readonly Entry[], maxBytes: number): Promise<void> {
  const entries = [...all].sort((a, b) => a.usedMs - b.usedMs);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries) {
    if (bytes <= maxBytes) return;
    await removeTree(entry.path);
    bytes -= entry.bytes;
  }
}

/** In one step; what stands there already stays. */
async function put(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true, mode: DIRECTORY_MODE });
  await rename(from, to).catch(async (error: unknown) => {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    await removeTree(from);
  });
}

async function sizeOfAll(root: string, folders: readonly string[]): Promise<FolderSize> {
  const sizes = await Promise.all(folders.map((folder) => sizeOf(join(root, folder))));
  return sizes.reduce((a, b) => ({ files: a.files + b.files, bytes: a.bytes + b.bytes }), { files: 0, bytes: 0 });
}

function sameSize(a: FolderSize, b: FolderSize): boolean {
  return a.files === b.files && a.bytes === b.bytes;
}

/** A copy may have failed for want of space: that is no fault of what was copied. */
async function isWhole(entry: string, size: FolderSize | null, folders: readonly string[]): Promise<boolean> {
  const found = await sizeOfAll(join(entry, FILES), folders).catch(() => null);
  return size !== null && found !== null && sameSize(size, found);
}

/** @returns null where none stands there that could be read. */
async function readSize(entry: string): Promise<FolderSize | null> {
  try {
    return JSON.parse(await readFile(join(entry, SIZE_FILE), 'utf8')) as FolderSize;
  } catch {
    // Cut off or gone: such an entry is no use to anybody, and makes room for the next.
    return null;
  }
}

async function namesIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => !name.startsWith(HIDDEN));
}
