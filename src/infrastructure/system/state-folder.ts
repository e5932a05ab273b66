import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../../application/ports/infrastructure-error';

const PRIVATE = 0o700;
/** Holds what lets its reader give orders to the services that run on the state: for their user's eyes alone. */
export const OPERATOR_FOLDER = 'operator';
/** What we make in it, and need to write to again. Read models and addresses of services are made anew; the rest is none of ours. */
const FOLDERS: readonly string[] = [
  'agents',
  'artifacts',
  'landing-now',
  'logs',
  OPERATOR_FOLDER,
  'owed',
  'repos',
  'runs',
  'work',
];
const FILES: readonly string[] = ['events.db'];

/**
 * Makes the state folder if it is missing, and proves that it can be written, before anything is begun.
 *
 * @throws InfrastructureError STATE_UNUSABLE
 */
export function requireStateFolder(folder: string): void {
  try {
    makeFolders(folder);
    const probe = join(folder, `.probe-${randomUUID()}`);
    writeFileSync(probe, 'x', { flag: 'wx', mode: 0o600 });
    rmSync(probe);
  } catch (error) {
    throw unusable(folder, (error as NodeJS.ErrnoException).code ?? String(error), error);
  }
  const [fault] = faultsIn(folder);
  if (fault) throw unusable(fault.path, fault.seen);
}

/** What of ours in the folder we could not go on with, as another user has left it for example. Changes nothing. */
export function faultsIn(folder: string): readonly { readonly path: string; readonly seen: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const isFolder = FOLDERS.includes(name);
    if (!isFolder && !FILES.includes(name)) return [];
    const path = join(folder, name);
    const seen = faultOf(path, isFolder);
    return seen === null ? [] : [{ path, seen }];
  });
}

/**
 * Makes a folder and its missing parents. Not by `recursive`: on a file system that says ENOENT to every new name, as /proc
 * does, that never ends; and on one that is read-only it says ENOENT too.
 */
export function makeFolders(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(`${folder} is a file`), { code: 'a file' });
    return;
  }
  if (dirname(folder) !== folder) makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: PRIVATE });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function faultOf(path: string, isFolder: boolean): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return 'a link that leads nowhere';
    if (isFolder !== stats.isDirectory()) return isFolder ? 'a file' : 'a folder';
    accessSync(path, isFolder ? constants.R_OK | constants.W_OK | constants.X_OK : constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function unusable(path: string, seen: string, cause?: unknown): InfrastructureError {
  const expected = FILES.some((name) => path.endsWith(`/${name}`)) ? 'a file' : 'a folder';
  const how = 'check owner, permissions and free space, or set STAGEGATE_STATE_DIR to a folder that can';
  const message = `${path}: expected ${expected} that can be written, saw ${seen}; ${how}`;
  return new InfrastructureError('STATE_UNUSABLE', message, { cause });
}
