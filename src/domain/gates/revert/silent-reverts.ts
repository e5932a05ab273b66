import type { Oid, TaskId } from '../../ids';
import { explicitReverts, type ExplicitRevert } from './explicit-reverts';
import { pathsOf, type LandedCommit, type RevertGround } from './landed-changes';
import type { Undone } from './undone';

/** Which change, and against how much of main. */
export interface RevertQuestion {
  /** What main is called: merges of it into branches are told by its name. Null where first parents are all that is asked. */
  readonly mainName: string | null;
  /** main's commit. */
  readonly base: Oid;
  /** What would land on it, or did. */
  readonly candidate: Oid;
  /** The branch as its author has it; the candidate where nothing was rebased. */
  readonly head: Oid;
  /** So many of main's newest commits are looked at; where the branch is older, up to four times as many. */
  readonly window: number;
}

/** What was looked at, and what was not. */
export interface RevertScope {
  /** Of main's commits. */
  readonly commits: number;
  /** False where main has got more commits than that since the branch was cut. */
  readonly reachesFork: boolean;
  /** Files of the change of which nobody has looked at lines: there are too many of them. */
  readonly filesWithoutLines: number;
}

export interface RevertAnswer extends RevertOutcome {
  readonly scope: RevertScope;
  /** Of every commit that is named. */
  readonly landed: readonly LandedCommit[];
  /** By which task a commit landed, where that is known. */
  readonly tasks: ReadonlyMap<Oid, TaskId>;
}

/** A candidate's answer to what it undoes. */
export interface RevertOutcome {
  /** What it undoes without saying so. */
  readonly silent: readonly Undone[];
  /** What it undoes and says so. */
  readonly explicit: readonly ExplicitRevert[];
  /** Generated and vendored files that it undoes: they do not count. */
  readonly made: readonly string[];
}

/**
 * Which of the undone changes nobody has spoken of.
 *
 * @param ground with what has to be known of each commit and file that `undone` names.
 */
export function revertOutcome(ground: RevertGround, undone: readonly Undone[]): RevertOutcome {
  const explicit = explicitReverts(ground);
  const isSaid = (oid: Oid) => explicit.some(({ commit }) => commit === oid);
  const gone = new Set(
    undone.flatMap(({ path, mainPath, commits }) => commits.flatMap((oid) => [`${oid} ${path}`, `${oid} ${mainPath}`])),
  );
  const wholes = new Set(ground.landed.filter((commit) => isWholeUndone(commit, gone, ground)).map(({ oid }) => oid));
  const isUnseen = (oid: Oid) =>
    ground.sinceFork !== null && !ground.seen.has(oid) && (ground.positions.get(oid) ?? Infinity) < ground.sinceFork;
  const silent = undone.flatMap((one) => {
    // By main's name of it: a branch that moves a file among generated ones does not hide it.
    if (ground.isMade(one.mainPath)) return [];
    const left = one.commits.filter((oid) => !isSaid(oid));
    const counts = one.isWeak ? left.filter((oid) => isUnseen(oid) || wholes.has(oid)) : left;
    if (counts.length === 0) return [];
    const isWhole = counts.some((oid) => wholes.has(oid) && (ground.fileCounts.get(oid) ?? 0) > 1);
    return [{ ...one, commits: counts, rule: isWhole ? ('whole-landing' as const) : one.rule }];
  });
  const used = new Set(undone.flatMap(({ commits }) => commits));
  const made = [...new Set(undone.flatMap(({ path, mainPath }) => (ground.isMade(mainPath) ? [path] : [])))];
  return { silent, explicit: explicit.filter(({ commit }) => used.has(commit)), made };
}

/** Whether nothing is left of what the commit did, but for what does not count. */
function isWholeUndone(landed: LandedCommit, gone: ReadonlySet<string>, ground: RevertGround): boolean {
  const paths = [...new Set(landed.changes.flatMap(pathsOf))];
  if (landed.isRoot || paths.length === 0 || ground.fileCounts.get(landed.oid) !== paths.length) return false;
  return landed.changes.every((change) =>
    pathsOf(change).some((path) => gone.has(`${landed.oid} ${path}`) || ground.isMade(path)),
  );
}
