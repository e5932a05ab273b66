import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError } from '../../../application/ports/git-workspace';
import type { WorkTree } from './work-trees';

/** What has to be known to finish, or to leave alone, the files of a landing that was cut short. */
export interface Marker {
  readonly version: 1;
  readonly task: string;
  /** Process that lands, in the words of `WorkerHost`. */
  readonly worker: string;
  /** Names the index that is made for this landing, and the lock. */
  readonly token: string;
  readonly tree: WorkTree;
  readonly base: string;
  readonly next: string;
}

/** Beside the state of `land`, in the git directory of the work tree. */
export function folderOf(gitDir: string): string {
  return join(gitDir, 'stagegate');
}

export function makeFolder(gitDir: string): string {
  mkdirSync(folderOf(gitDir), { recursive: true, mode: 0o700 });
  return folderOf(gitDir);
}

export function pathOf(gitDir: string): string {
  return join(folderOf(gitDir), 'following.json');
}

export function ownIndexOf({ tree, token }: Marker): string {
  return join(folderOf(tree.gitDir), `index-${token}`);
}

/** On the disk when it returns: a power cut must not take the marker and leave the moved ref. */
export function writeMarker(marker: Marker): void {
  const path = pathOf(marker.tree.gitDir);
  const draft = `${ownIndexOf(marker)}-marker`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(marker)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** @throws GitError GIT_FAILED when what is there is none of ours: nobody may guess what it was about. */
export function readMarker(gitDir: string): Marker | null {
  const path = pathOf(gitDir);
  if (!existsSync(path)) return null;
  try {
    const { version, ...marker } = JSON.parse(readFileSync(path, 'utf8')) as Omit<Marker, 'version'> & {
      version: unknown;
    };
    if (version === 1 && [marker.token, marker.base, marker.next, marker.tree.root].every(isText))
      return { version, ...marker };
  } catch {
    // Said below, together with a text of another shape.
  }
  const how = 'compare the files with main, then remove it';
  throw new GitError('GIT_FAILED', `${path}: expected the marker of a landing, saw something else; ${how}`);
}

/** With everything that bears its name. */
export function removeMarker(marker: Marker): void {
  const { gitDir } = marker.tree;
  if (readMarker(gitDir)?.token === marker.token) rmSync(pathOf(gitDir), { force: true });
  syncFolder(folderOf(gitDir));
  removeNamed(gitDir, marker.token);
}

/** What a landing has made beside its marker: indexes, drafts, claims. */
export function removeNamed(gitDir: string, token: string): void {
  if (!existsSync(folderOf(gitDir))) return;
  const names = readdirSync(folderOf(gitDir)).filter((name) => name.includes(token));
  for (const name of names) rmSync(join(folderOf(gitDir), name), { recursive: true, force: true });
}

/**
 * Takes over what a landing has left. Claims are numbered and none goes before its marker does, so that of several that find
 * the last holder gone one gets the next number.
 *
 * @param isGone whether a holder can be taken over from.
 */
export function claimMarker(marker: Marker, worker: string, isGone: (worker: string) => boolean): boolean {
  const nth = (number: number) => `${ownIndexOf(marker)}-claim-${number}`;
  let number = 1;
  for (; existsSync(nth(number)); number += 1) if (!isGone(readFileSync(nth(number), 'utf8'))) return false;
  const draft = `${ownIndexOf(marker)}-claim-of-${process.pid}`;
  writeFileSync(draft, worker);
  try {
    linkSync(draft, nth(number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // It may have been ended while we looked.
  if (readMarker(marker.tree.gitDir)?.token === marker.token) return true;
  rmSync(nth(number), { force: true });
  return false;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
