import type { Oid } from '../../ids';

/** A file as a commit has it. */
export interface FileSide {
  readonly path: string;
  /** As git writes it: 100644, 100755, 120000 for a link, 160000 for a submodule. */
  readonly mode: string;
  /** Of its content; of a submodule the commit that it points to. */
  readonly oid: Oid;
}

/** Lines that stand one below the other, taken out and put in at one place. */
export interface Hunk {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What a commit does to one file. */
export interface FileChange {
  /** Null where the file is new. */
  readonly before: FileSide | null;
  /** Null where it is gone. */
  readonly after: FileSide | null;
  /** Null where nobody has looked at lines: a binary file, one that is too large, or a bound that was met. */
  readonly hunks: readonly Hunk[] | null;
}

/** A commit on main's first-parent line, as its first parent sees it. */
export interface LandedCommit {
  readonly oid: Oid;
  /** Others that came with it, where it is a merge: reverts may name them. */
  readonly merged: readonly Oid[];
  /** The first commit of all: no branch was ever cut before it. */
  readonly isRoot: boolean;
  readonly author: string;
  readonly at: string;
  readonly message: string;
  /** Of the files that the candidate changes too. */
  readonly changes: readonly FileChange[];
}

/** What git knows of a candidate, for the rules to judge. */
export interface RevertGround {
  /** From main's commit to the candidate. */
  readonly changes: readonly FileChange[];
  /** The candidate's commits that main has not. */
  readonly commits: readonly { readonly oid: Oid; readonly message: string; readonly parents: readonly Oid[] }[];
  /** What the candidate's only commit does, where it has no other one but merges; null where it has. */
  readonly only: readonly FileChange[] | null;
  /** Newest first. */
  readonly landed: readonly LandedCommit[];
  /** How many of main's commits are newer than the one that the branch was cut from; null where that is older than what was looked at. */
  readonly sinceFork: number | null;
  /** Position of each landed commit on main, 0 for the newest. */
  readonly positions: ReadonlyMap<Oid, number>;
  /** Landed commits of which the branch has the originals, and those: whoever stands on another branch has seen what that one brought. */
  readonly seen: ReadonlyMap<Oid, readonly Oid[]>;
  /** How many files each of these commits changes in all; those that nobody asked for are missing. */
  readonly fileCounts: ReadonlyMap<Oid, number>;
  /** Files that main calls generated or vendored. */
  readonly isMade: (path: string) => boolean;
}

/** What git calls the content of every empty file, by SHA-1 and by SHA-256. */
export const EMPTY_BLOBS: readonly Oid[] = [
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
];
export const SUBMODULE = '160000';

export function pathOf({ before, after }: FileChange): string {
  return (after ?? before)?.path ?? '';
}

/** Both names of a file that was moved. */
export function pathsOf({ before, after }: FileChange): readonly string[] {
  const paths = [before, after].flatMap((side) => (side ? [side.path] : []));
  return [...new Set(paths)];
}
