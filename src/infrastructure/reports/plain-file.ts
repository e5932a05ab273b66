import { constants } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { ReportFault, ReportReason } from '../../application/ports/report-reader';

export type PlainFile = { readonly kind: 'read'; readonly bytes: Uint8Array } | ReportFault;

/**
 * The bytes of a file that a command has left. It may be anything, so the file is looked at by the handle that is read, never by its
 * name twice: no link leads to it, it has no second name, and no pipe can make a reader wait.
 *
 * @param path relative to the folder.
 */
export async function readPlainFile(folder: string, path: string, mostBytes: number): Promise<PlainFile> {
  const place = await placeOf(folder, path);
  if (place === 'nowhere') return fault('no_report', `expected a file at ${path}, saw none`);
  if (place === 'outside')
    return fault('report_unreadable', `${path}: expected a file inside the clone, saw a link out of it`);
  if (place === 'unreachable')
    return fault('report_unreadable', `${path}: expected folders that can be followed, saw ones that cannot`);
  const opened = await openPlain(place);
  if (typeof opened === 'string') {
    const reason = opened === 'ENOENT' ? 'no_report' : 'report_unreadable';
    return fault(reason, `expected a plain file at ${path}, saw ${SEEN[opened] ?? opened}`);
  }
  try {
    return await readOpened(opened, path, mostBytes);
  } finally {
    await opened.close();
  }
}

async function readOpened(file: FileHandle, path: string, mostBytes: number): Promise<PlainFile> {
  const stats = await file.stat();
  if (!stats.isFile()) return fault('report_unreadable', `expected a plain file at ${path}, saw something else`);
  if (stats.nlink !== 1)
    return fault(
      'report_unreadable',
      `${path}: expected a file with one name, saw one with ${stats.nlink} (a hard link)`,
    );
  const bytes = stats.size > mostBytes ? null : await bytesOf(file, mostBytes);
  if (bytes === null) return fault('report_unreadable', `${path}: expected at most ${mostBytes} bytes, saw more`);
  return { kind: 'read', bytes };
}

/** Up to the bound, whatever its size was a moment ago; null beyond it. */
async function bytesOf(file: FileHandle, mostBytes: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(256 * 1024), 0, 256 * 1024, total);
    if (bytesRead === 0) return Buffer.concat(parts);
    total += bytesRead;
    if (total > mostBytes) return null;
    parts.push(buffer.subarray(0, bytesRead));
  }
}

/** Folders on the way may be links as long as they lead nowhere else; the last name may be none. */
async function placeOf(folder: string, path: string): Promise<string> {
  const absolute = resolve(folder, path);
  try {
    const [root, parent] = [await realpath(folder), await realpath(dirname(absolute))];
    if (parent !== root && !parent.startsWith(root + sep)) return 'outside';
    return join(parent, absolute.slice(dirname(absolute).length + 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nowhere';
    if (code === 'ELOOP' || code === 'EACCES' || code === 'ENAMETOOLONG') return 'unreachable';
    throw error;
  }
}

/** @returns the code of the system where it cannot be had. */
async function openPlain(place: string): Promise<FileHandle | string> {
  try {
    // Asked first: to open a device may already do something.
    const stats = await lstat(place);
    if (!stats.isFile()) return stats.isSymbolicLink() ? 'ELOOP' : 'EISDIR';
    return await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const SEEN: Readonly<Record<string, string>> = {
  ENOENT: 'none',
  ELOOP: 'a symbolic link',
  EISDIR: 'something else (a folder, a pipe, a device)',
  EACCES: 'one that may not be read',
};

function fault(reason: ReportReason, evidence: string): ReportFault {
  return { kind: 'fault', reason, evidence: [evidence] };
}
