import { realpathSync, statfsSync } from 'node:fs';
import { mounts } from '../processes/isolation/cgroup';

/** Magic numbers from statfs(2). Write-ahead logging needs memory that processes share, which none over a network has. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
]);
/** ext2, ext3 and ext4 have one. */
const EXT = 0xef53;
const IN_MEMORY: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);

/** @returns the name of a file system over a network; null for any other. @throws when there is no such folder. */
export function networkFileSystem(folder: string): string | null {
  return NETWORK.get(statfsSync(folder).type) ?? null;
}

/** @returns the name of a file system that a restart of the machine empties; null for any other. */
export function memoryFileSystem(folder: string): string | null {
  return IN_MEMORY.get(statfsSync(folder).type) ?? null;
}

export function isExtFileSystem(folder: string): boolean {
  return statfsSync(folder).type === EXT;
}

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Null where files are not counted. */
  readonly freeFiles: number | null;
}

/** What this user may still write. */
export function spaceOf(folder: string): Space {
  const { bavail, blocks, bsize, files, ffree } = statfsSync(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files > 0 ? ffree : null };
}

/** Options of the file system that a folder is on, as it was mounted; empty where that is not to be seen. */
export function mountOptionsOf(folder: string): readonly string[] {
  const path = realpathSync(folder);
  const around = mounts().filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`));
  // The innermost one, and of several at one place the last: it hides the others.
  const innermost = Math.max(...around.map(({ at }) => at.length));
  return around.findLast(({ at }) => at.length === innermost)?.options.split(',') ?? [];
}
