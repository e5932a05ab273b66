import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../deadline';
import { read } from '../proc/proc-table';

const PREFIX = 'stagegate-';
/** The kernel takes a moment to forget the last process. */
const REMOVE_CAP_MS = 100;
const REMOVE_PAUSE_MS = 2;
/** An empty folder this old was left by somebody who died between making and joining it. */
const ORPHAN_AGE_MS = 60_000;

/** Folder of this process in the v2 hierarchy, under which runs get theirs; null where there is no such hierarchy. */
export function ownCgroup(): string | null {
  const mount = mounts().find(({ type }) => type === 'cgroup2');
  const own = /^0::(\/.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1];
  return mount && own !== undefined ? under(mount, own) : null;
}

/** A function of folder and run: known before anything is made, and found again after a crash. */
export function cgroupOf(parent: string, runId: string): string {
  return join(parent, `${PREFIX}${runId}`);
}

/** Whether a path read from a file is a cgroup that we made for this run, and not anything else that would be emptied. */
export function isCgroupOf(path: string, runId: string): boolean {
  return basename(path) === `${PREFIX}${runId}` && read(join(path, 'cgroup.procs')) !== null;
}

/** @throws when it cannot be made, or when the kernel cannot kill it as a whole (before 5.14). */
export function makeCgroup(path: string): void {
  mkdirSync(path, { recursive: true });
  accessSync(join(path, 'cgroup.kill'), constants.W_OK);
}

/** Kills every process in it and below, forks included. */
export function killCgroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1');
  } catch {
    // It is gone already, or its files are not ours: whoever is left is still a member, and is killed one by one.
  }
}

/** Pids in it and below, as far as this pid namespace can name them. */
export function cgroupPids(path: string): readonly number[] {
  const own = (read(join(path, 'cgroup.procs')) ?? '').split('\n').map(Number);
  return [...own.filter((pid) => pid > 0), ...below(path).flatMap(cgroupPids)];
}

/** Takes it away with everything below, which a run inside the run may have made. @returns false when it is still in use. */
export async function removeCgroup(path: string): Promise<boolean> {
  const cap = Deadline.in(REMOVE_CAP_MS);
  for (;;) {
    if (isRemoved(path)) return true;
    if (cap.isOver()) return false;
    await delay(REMOVE_PAUSE_MS);
  }
}

/** Takes away what crashes left empty. A folder with processes in it belongs to somebody, or to a run file. */
export function removeOrphans(parent: string): void {
  for (const path of below(parent)) {
    const madeMs = statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? Number.POSITIVE_INFINITY;
    const isOurs = basename(path).startsWith(PREFIX) && Date.now() - madeMs > ORPHAN_AGE_MS;
    if (isOurs && cgroupPids(path).length === 0) isRemoved(path);
  }
}

function isRemoved(path: string): boolean {
  below(path).forEach(isRemoved);
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function below(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  } catch {
    // It is gone.
    return [];
  }
}

interface Mount {
  readonly type: string;
  readonly options: string;
  /** Which part of the hierarchy is mounted. */
  readonly root: string;
  readonly at: string;
}

export function mounts(): readonly Mount[] {
  return (read('/proc/self/mountinfo') ?? '').split('\n').flatMap((line) => {
    const [front = '', back = ''] = line.split(' - ');
    const [, , , root, at] = front.split(' ');
    const [type, , options] = back.split(' ');
    if (!root || !at || !type) return [];
    return [{ type, options: options ?? '', root: unescaped(root), at: unescaped(at) }];
  });
}

/** Where a path of the hierarchy is in the file system; null when that part is not mounted. */
export function under({ root, at }: Mount, path: string): string | null {
  if (root === '/') return join(at, path);
  return path === root || path.startsWith(`${root}/`) ? join(at, path.slice(root.length)) : null;
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
