import type { Oid } from '../../ids';
import {
  EMPTY_BLOBS,
  pathsOf,
  type FileChange,
  type FileSide,
  type Hunk,
  type LandedCommit,
  type RevertGround,
} from './landed-changes';
import { lostLines } from './lost-lines';
import { isFormatting, significant } from './significant-lines';
import { isMoved, linesOf, type Past, type Undone } from './undone';

/** Everything that the candidate undoes, whether or not it counts, and whether or not anybody has said so. */
export function undoneChanges(ground: RevertGround): readonly Undone[] {
  const pasts = pastsOf(ground.landed);
  const putIn = new Set(
    ground.changes.flatMap(({ hunks }) => (hunks ?? []).flatMap(({ added }) => significant(added))),
  );
  return ground.changes.flatMap((change) => undoneOf(change, pastOf(pasts, change), putIn));
}

function undoneOf(change: FileChange, past: readonly Past[], putIn: ReadonlySet<string>): readonly Undone[] {
  if (past.length === 0) return [];
  const whole = oldContent(change, past) ?? lostFile(change, past, putIn);
  return [
    ...(whole ? [whole] : lostLines(change, past, putIn)),
    ...[modeUndone(change, past), renameUndone(change, past)].filter((one) => one !== null),
  ];
}

function oldContent(change: FileChange, past: readonly Past[]): Undone | null {
  const { before, after, hunks } = change;
  if (!after || EMPTY_BLOBS.includes(after.oid) || (before && before.oid === after.oid)) return null;
  if (hunks && !hunks.some(isSignificant)) return null;
  const left = past.findIndex((each) => each.change.before?.oid === after.oid && isSameKind(each.change.before, after));
  if (left < 0) return null;
  const commits = past.slice(0, left + 1).filter((each) => changesContent(each.change));
  if (commits.length === 0) return null;
  const rule = before === null ? 'deleted-file' : 'old-content';
  return {
    rule,
    path: after.path,
    mainPath: (before ?? after).path,
    commits: oidsOf(commits),
    lines: linesOf(hunks ?? []),
    isWeak: false,
  };
}

function lostFile(
  { before, after, hunks }: FileChange,
  past: readonly Past[],
  putIn: ReadonlySet<string>,
): Undone | null {
  if (!before || after) return null;
  const added = past.find(({ change }) => change.before === null && change.after?.path === before.path);
  const gone = significant((hunks ?? []).flatMap(({ removed }) => removed));
  if (!added || EMPTY_BLOBS.includes(before.oid) || (hunks && gone.length === 0) || isMoved(gone, putIn)) return null;
  const commits = [added.commit.oid];
  return {
    rule: 'lost-file',
    path: before.path,
    mainPath: before.path,
    commits,
    lines: linesOf(hunks ?? []),
    isWeak: true,
  };
}

function modeUndone({ before, after }: FileChange, past: readonly Past[]): Undone | null {
  if (!before || !after || before.mode === after.mode || !isPlain(before) || !isPlain(after)) return null;
  const set = past.find(({ change }) => change.before && change.after && change.before.mode !== change.after.mode);
  if (set?.change.before?.mode !== after.mode || set.change.after?.mode !== before.mode) return null;
  const lines = [`-mode ${before.mode}`, `+mode ${after.mode}`];
  return { rule: 'mode', path: after.path, mainPath: before.path, commits: [set.commit.oid], lines, isWeak: false };
}

function renameUndone({ before, after }: FileChange, past: readonly Past[]): Undone | null {
  if (!before || !after || before.path === after.path) return null;
  const moved = past.find(({ change }) => change.before?.path === after.path && change.after?.path === before.path);
  if (!moved) return null;
  const lines = [`-name ${before.path}`, `+name ${after.path}`];
  return { rule: 'rename', path: after.path, mainPath: before.path, commits: [moved.commit.oid], lines, isWeak: false };
}

function pastsOf(landed: readonly LandedCommit[]): ReadonlyMap<string, readonly Past[]> {
  const pasts = new Map<string, Past[]>();
  for (const [at, commit] of landed.entries())
    for (const change of commit.changes)
      for (const path of pathsOf(change)) {
        const past = pasts.get(path) ?? [];
        past.push({ at, commit, change });
        pasts.set(path, past);
      }
  return pasts;
}

/** Newest first, under either name of the file. */
function pastOf(pasts: ReadonlyMap<string, readonly Past[]>, change: FileChange): readonly Past[] {
  const all = pathsOf(change).flatMap((path) => pasts.get(path) ?? []);
  const once = new Map(all.map((one) => [one.change, one]));
  return [...once.values()].sort((one, other) => one.at - other.at);
}

function isSignificant(hunk: Hunk): boolean {
  return !isFormatting(hunk) && significant([...hunk.removed, ...hunk.added]).length > 0;
}

/** Whether it is more than a new format. */
function changesContent({ before, after, hunks }: FileChange): boolean {
  return before?.oid !== after?.oid && (hunks === null || hunks.some(isSignificant));
}

function isSameKind(one: FileSide, other: FileSide): boolean {
  return one.mode === other.mode || (isPlain(one) && isPlain(other));
}

function isPlain({ mode }: FileSide): boolean {
  return mode.startsWith('100');
}

function oidsOf(pasts: readonly Past[]): readonly Oid[] {
  return [...new Set(pasts.map(({ commit }) => commit.oid))];
}
