import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isTokenText } from '../domain/access/token-text';
import { ownUid } from '../infrastructure/system/own-user';
import { pathKind } from '../infrastructure/system/path-kind';
import { OPERATOR_FOLDER } from '../infrastructure/system/state-folder';
import { addressName, namesIn, type UpFile } from './up-file';

/** Where a service takes orders, and what proves to it that whoever gives one may read this file. */
export interface OperatorFile extends UpFile {
  readonly token: string;
}

/** What a file is good for: to send orders with, or why not, in a line; null where there is none. */
export type FoundOperatorFile = OperatorFile | { readonly objection: string } | null;

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const OTHERS = 0o077;

/**
 * In a folder of its own: what the service starts is kept from that as a whole, whatever comes into it later.
 *
 * @param isDead tells which of those that are there nobody will remove any more.
 */
export function writeOperatorFile(
  stateDir: string,
  file: OperatorFile,
  isDead: (worker: string) => boolean = () => false,
): void {
  const path = pathOf(stateDir, file.worker);
  const folder = dirname(path);
  // Only ever ours: whatever else has one of these names is in the way.
  if (pathKind(folder) !== 'folder') rmSync(folder, { force: true });
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  chmodSync(folder, PRIVATE_FOLDER);
  for (const name of namesIn(folder)) {
    const left = orNull(() => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<OperatorFile>);
    if (typeof left?.worker !== 'string' || isDead(left.worker))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, JSON.stringify(file), { mode: PRIVATE_FILE, flag: 'wx' });
  if (pathKind(path) === 'folder') rmSync(path, { recursive: true });
  renameSync(temporary, path);
}

export function readOperatorFile(stateDir: string, worker: string): FoundOperatorFile {
  const path = pathOf(stateDir, worker);
  try {
    const fd = openSync(path, 'r');
    try {
      const objection = objectionTo(path, fstatSync(fd));
      return objection === null ? parse(readFileSync(fd, 'utf8'), worker) : { objection };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { objection: lineAbout(path, code ?? 'something else') };
  }
}

/** For reads, which need none on loopback: they show what the token may see. */
export function tokenIn(found: FoundOperatorFile): string | null {
  return found === null || 'objection' in found ? null : found.token;
}

export function removeOperatorFile(stateDir: string, worker: string): void {
  rmSync(pathOf(stateDir, worker), { recursive: true, force: true });
}

/** Whoever else could write it could send our orders, and the secret with them, to wherever they like. */
function objectionTo(path: string, { uid, mode }: { readonly uid: number; readonly mode: number }): string | null {
  if (uid !== ownUid()) return lineAbout(path, `that of user ${uid}`);
  return (mode & OTHERS) === 0 ? null : lineAbout(path, `mode ${(mode & 0o777).toString(8).padStart(4, '0')}`);
}

function lineAbout(path: string, seen: string): string {
  const how = 'give orders as the user of the service; where that is you, start the service again';
  return `${path}: expected a file of user ${ownUid()} with mode 0600, saw ${seen}; ${how}`;
}

function parse(text: string, worker: string): OperatorFile | null {
  const { url, token, worker: whose } = JSON.parse(text) as Partial<OperatorFile>;
  const isWhole = typeof url === 'string' && URL.canParse(url) && typeof token === 'string' && isTokenText(token);
  return isWhole && whose === worker ? { url, worker, token } : null;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    // Not what a service has written, so nobody needs it.
    return null;
  }
}

function pathOf(stateDir: string, worker: string): string {
  return join(stateDir, OPERATOR_FOLDER, addressName(worker));
}
