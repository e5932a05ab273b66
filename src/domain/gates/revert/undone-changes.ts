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
import type { RevertRuleId } from './revert-rules';
import { isFormatting, significant, standsIn, withoutImports } from './significant-lines';

/** What one candidate undoes of one file. */
export interface Undone {
  readonly rule: RevertRuleId;
  readonly path: string;
  /** Newest first: what main did since it was as the candidate has it. */
  readonly commits: readonly Oid[];
  /** With their signs, as a diff has them. */
  readonly lines: readonly string[];
  /** Honest changes do so as well: it counts where the branch never saw the commit, or where all of the commit is undone. */
  readonly isWeak: boolean;
}

/** What landed before the branch was cut may have been changed back on purpose: so many lines make it unlikely that nobody says so. */
const LINES_TO_BE_SURE = 3;
/** The share of lines that stand elsewhere in the change from which on they were moved. */
const MOVED_SHARE = 0.5;
const LOCK_FILE =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|packages\.lock\.json|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock)$/;

interface Past {
  /** Its place among the landed commits. */
  readonly at: number;
  readonly commit: LandedCommit;
  readonly change: FileChange;
}

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
  return { rule, path: after.path, commits: oidsOf(commits), lines: linesOf(hunks ?? []), isWeak: false };
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
  return { rule: 'lost-file', path: before.path, commits, lines: linesOf(hunks ?? []), isWeak: true };
}

function lostLines(change: FileChange, past: readonly Past[], putIn: ReadonlySet<string>): readonly Undone[] {
  const { before, after, hunks } = change;
  if (!before || !after || !hunks || LOCK_FILE.test(after.path)) return [];
  const each = hunks.map(({ removed, added }) => ({ removed: significant(removed), added: significant(added) }));
  const now: Now = {
    hunks: each,
    gone: new Set(each.flatMap(({ removed }) => removed)),
    back: new Set(each.flatMap(({ added }) => added)),
  };
  return past.flatMap(({ commit, change: landed }) => {
    const undone = (landed.hunks ?? []).filter((hunk) => !isFormatting(hunk) && isTurnedRound(hunk, now, putIn));
    if (undone.length === 0) return [];
    const lines = linesOf(undone.map(({ removed, added }) => ({ removed: added, added: removed })));
    return [{ rule: 'lost-lines', path: after.path, commits: [commit.oid], lines, isWeak: !undone.some(isSure) }];
  });
}

/** What the candidate does to one file, in lines that say something. */
interface Now {
  readonly hunks: readonly Hunk[];
  /** Most of what has landed is settled by these: few hunks have to be compared. */
  readonly gone: ReadonlySet<string>;
  readonly back: ReadonlySet<string>;
}

/** Whether the candidate takes out what the hunk has put in, and puts in what it has taken out. */
function isTurnedRound(hunk: Hunk, now: Now, putIn: ReadonlySet<string>): boolean {
  const [removed, added] = [significant(hunk.removed), significant(hunk.added)];
  if (removed.length + added.length === 0 || isMoved(added, putIn)) return false;
  if (!added.every((line) => now.gone.has(line)) || !removed.every((line) => now.back.has(line))) return false;
  return now.hunks.some(
    (each) =>
      standsIn(added, each.removed) &&
      standsIn(removed, each.added) &&
      // Other lines in their place are an edit that goes on from there.
      (removed.length > 0 || each.added.length === 0) &&
      (added.length > 0 || each.removed.length === 0),
  );
}

function isSure({ removed, added }: Hunk): boolean {
  const [out, into] = [removed, added].map((lines) => withoutImports(significant(lines)).length) as [number, number];
  return out > 0 && into > 0 && out + into >= LINES_TO_BE_SURE;
}

function modeUndone({ before, after }: FileChange, past: readonly Past[]): Undone | null {
  if (!before || !after || before.mode === after.mode || !isPlain(before) || !isPlain(after)) return null;
  const set = past.find(({ change }) => change.before && change.after && change.before.mode !== change.after.mode);
  if (set?.change.before?.mode !== after.mode || set.change.after?.mode !== before.mode) return null;
  const lines = [`-mode ${before.mode}`, `+mode ${after.mode}`];
  return { rule: 'mode', path: after.path, commits: [set.commit.oid], lines, isWeak: false };
}

function renameUndone({ before, after }: FileChange, past: readonly Past[]): Undone | null {
  if (!before || !after || before.path === after.path) return null;
  const moved = past.find(({ change }) => change.before?.path === after.path && change.after?.path === before.path);
  if (!moved) return null;
  const lines = [`-name ${before.path}`, `+name ${after.path}`];
  return { rule: 'rename', path: after.path, commits: [moved.commit.oid], lines, isWeak: false };
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
  const once = all.filter((one, at) => all.findIndex((each) => each.change === one.change) === at);
  return once.sort((one, other) => one.at - other.at);
}

function isSignificant(hunk: Hunk): boolean {
  return !isFormatting(hunk) && significant([...hunk.removed, ...hunk.added]).length > 0;
}

/** Whether it is more than a new format. */
function changesContent({ before, after, hunks }: FileChange): boolean {
  return before?.oid !== after?.oid && (hunks === null || hunks.some(isSignificant));
}

function isMoved(lines: readonly string[], putIn: ReadonlySet<string>): boolean {
  return lines.length > 0 && lines.filter((line) => putIn.has(line)).length >= lines.length * MOVED_SHARE;
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

function linesOf(hunks: readonly Hunk[]): readonly string[] {
  return hunks.flatMap(({ removed, added }) => [
    ...removed.map((line) => '-'.concat(line)),
    ...added.map((line) => '+'.concat(line)),
  ]);
}
