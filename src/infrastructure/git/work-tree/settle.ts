import { existsSync } from 'node:fs';
import type { Followed } from '../../../domain/task/task.events';
import type { FilesNote, RepositoryRef } from '../../../application/ports/git-workspace';
import { listed } from '../../../domain/task/words/seen-words';
import { anyProcessHas } from '../../processes/proc/proc-table';
import { commonDirOf } from '../command/common-dir';
import type { Git } from '../command/git-command';
import { holdersIn, IndexLock } from './index-file';
import { claimMarker, folderOf, ownIndexOf, readMarker, removeMarker, removeNamed, type Marker } from './marker';
import { touchedBetween, isSame } from './touched';
import { finishFiles, indexStands, lockOf } from './update';
import { gitDirsOf, type Gits } from './work-trees';
import { shown } from './paths';

/** Who asks, and of which others it knows that they are gone. */
export interface Asker {
  readonly worker: string;
  readonly isDead: (worker: string) => boolean;
  /** Landings that are under way in this process, by the token of their marker. */
  readonly underWay: Set<string>;
}

/** Finishes what landings that were cut short have left half done in work trees of a repository. */
export async function settleAll(git: Gits, { path }: RepositoryRef, asker: Asker): Promise<readonly FilesNote[]> {
  const notes: FilesNote[] = [];
  for (const gitDir of gitDirsOf(await commonDirOf(git.isolated, path))) {
    const note = await settle(git, gitDir, asker);
    if (note !== null) notes.push(note);
  }
  return notes;
}

/** @returns what a person has to know of it; null where there was nothing to do, or nothing had been touched. */
export async function settle(git: Gits, gitDir: string, asker: Asker): Promise<FilesNote | null> {
  const marker = readMarker(gitDir);
  if (marker === null) {
    releaseUnmarked(gitDir, asker);
    return null;
  }
  const { worker, isDead, underWay } = asker;
  const isGone = (other: string) => other === worker || isDead(other);
  if (isUnderWay(marker, asker) || !claimMarker(marker, worker, isGone))
    return { task: marker.task, at: marker.tree.root, kind: 'busy', text: `${marker.task} is just being landed` };
  underWay.add(marker.token);
  try {
    return await settleMarker(git, marker);
  } finally {
    underWay.delete(marker.token);
  }
}

async function settleMarker(git: Gits, marker: Marker): Promise<FilesNote | null> {
  const { tree, task, base, next } = marker;
  const about = { task, at: tree.root } as const;
  const lock = lockOf(marker);
  const forget = () => {
    lock.release();
    removeMarker(marker);
  };
  if (!existsSync(tree.root)) {
    forget();
    return null;
  }
  const main = await oidOf(git.isolated, tree.root, tree.branch);
  if (main === base) {
    forget();
    return null;
  }
  if (main !== next || !(await isOn(git.isolated, tree.root, tree.branch))) {
    const text = await wordsOfElsewhere(git.isolated, marker, main);
    forget();
    return { ...about, kind: 'left', text };
  }
  const stands = await indexStands(git, marker);
  if (stands === 'after') {
    forget();
    return null;
  }
  if (stands === 'elsewhere') {
    forget();
    const text = `its index was changed since ${task} landed as ${next.slice(0, 10)} and was cut short; compare with "git status"`;
    return { ...about, kind: 'left', text };
  }
  if (!lock.take()) return { ...about, kind: 'busy', text: `another git has locked the index of ${tree.root}` };
  return { ...about, kind: 'finished', ...(await finishFiles(git, marker)) };
}

/** For the log: what is said of it here is said nowhere else. */
export function followedOf(note: FilesNote): Followed {
  if (note.kind !== 'finished') return { at: note.at, left: [], fault: note.text };
  const { at, left, fault } = note;
  return fault === undefined ? { at, left } : { at, left, fault };
}

/** A landing that was killed before it had written its marker has moved nothing. */
function releaseUnmarked(gitDir: string, { worker, isDead, underWay }: Asker): void {
  for (const holder of holdersIn(gitDir, folderOf(gitDir))) {
    if (underWay.has(holder.token) || !(holder.worker === worker || isDead(holder.worker))) continue;
    // Before it died it may have written one after all.
    if (readMarker(gitDir) !== null) return;
    new IndexLock(gitDir, folderOf(gitDir), holder).release();
    removeNamed(gitDir, holder.token);
  }
}

/** A git that outlived its process still works with the index that was made for it, or with a copy. */
function isUnderWay(marker: Marker, { worker, isDead, underWay }: Asker): boolean {
  if (underWay.has(marker.token)) return true;
  if (marker.worker !== worker && !isDead(marker.worker)) return true;
  return anyProcessHas(`GIT_INDEX_FILE=${ownIndexOf(marker)}`);
}

async function oidOf(git: Git, cwd: string, ref: string): Promise<string> {
  return (await git.run(['rev-parse', '--verify', '--quiet', ref], { cwd, answers: [0, 1] })).stdout;
}

async function isOn(git: Git, cwd: string, branch: string): Promise<boolean> {
  return (await git.run(['symbolic-ref', '--quiet', 'HEAD'], { cwd, answers: [0, 1] })).stdout === branch;
}

/** A commit on top of it may have been made of the files from before. */
async function wordsOfElsewhere(git: Git, marker: Marker, main: string): Promise<string> {
  const { tree, task, base, next } = marker;
  const begun = `${task} landed as ${next.slice(0, 10)} and was cut short before its files followed`;
  if (main === next || main === '') return `${begun}; ${tree.branch} is not checked out there any more`;
  const [landed, since] = [
    await touchedBetween(git, tree.root, base, next),
    await touchedBetween(git, tree.root, next, main),
  ];
  const now = new Map(since.map(({ path, after }) => [path, after]));
  const undone = landed.filter(({ path, before }) => now.has(path) && isSame(now.get(path) ?? null, before));
  if (undone.length === 0) return `${begun}; main has moved on since`;
  const names = listed(undone.map(({ path }) => shown(path))).join(', ');
  return `${begun}; main has moved on to ${main.slice(0, 10)}, which takes it back in ${names}`;
}
