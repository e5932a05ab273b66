import type { Oid } from '../../ids';
import type { FileChange, Hunk, LandedCommit } from './landed-changes';
import type { RevertRuleId } from './revert-rules';

/** What one candidate undoes of one file. */
export interface Undone {
  readonly rule: RevertRuleId;
  readonly path: string;
  /** What main calls the file: something else where the candidate renames it. */
  readonly mainPath: string;
  /** Newest first: what main did since it was as the candidate has it. */
  readonly commits: readonly Oid[];
  /** With their signs, as a diff has them. */
  readonly lines: readonly string[];
  /** Honest changes do so as well: it counts where the branch never saw the commit, or where all of the commit is undone. */
  readonly isWeak: boolean;
}

/** What a commit of main did to a file that the candidate changes. */
export interface Past {
  /** Its place among the landed commits, 0 for the newest. */
  readonly at: number;
  readonly commit: LandedCommit;
  readonly change: FileChange;
}

/** The share of lines that stand elsewhere in the change from which on they were moved. */
const MOVED_SHARE = 0.5;

/** @param putIn every line that the candidate puts in, in whatever file. */
export function isMoved(lines: readonly string[], putIn: ReadonlySet<string>): boolean {
  return lines.length > 0 && lines.filter((line) => putIn.has(line)).length >= lines.length * MOVED_SHARE;
}

/** With their signs, as a diff has them. */
export function linesOf(hunks: readonly Hunk[]): readonly string[] {
  return hunks.flatMap(({ removed, added }) => [
    ...removed.map((line) => '-'.concat(line)),
    ...added.map((line) => '+'.concat(line)),
  ]);
}
