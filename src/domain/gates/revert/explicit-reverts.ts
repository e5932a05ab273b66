import type { Oid } from '../../ids';
import { pathsOf, type FileChange, type Hunk, type LandedCommit, type RevertGround } from './landed-changes';

/** A revert that says what it is. */
export interface ExplicitRevert {
  readonly commit: Oid;
  /** `trailer`: a message of the candidate names the commit. `inverse`: its one commit is that commit backwards, and nothing else. */
  readonly by: 'trailer' | 'inverse';
}

const NAMED = /\bThis reverts commit ([0-9a-f]{7,64})\b/gi;
/** As `git cherry-pick -x` says where a commit comes from. */
const PICKED = /\(cherry picked from commit ([0-9a-f]{40,64})\)/g;

/** Whether a message says that its commit is a revert. */
export function namesReverts(message: string): boolean {
  return message.search(NAMED) >= 0;
}

/** The landed commits that the candidate reverts and says so. Reverts of reverts name the revert. */
export function explicitReverts(ground: RevertGround): readonly ExplicitRevert[] {
  const named = ground.commits.flatMap(({ message }) => oidsIn(message, NAMED));
  const isNamed = ({ oid, merged, message }: LandedCommit) => {
    const originals = [...(ground.seen.get(oid) ?? []), ...oidsIn(message, PICKED)];
    return named.some((name) => [oid, ...merged, ...originals].some((each) => each.startsWith(name.toLowerCase())));
  };
  return ground.landed.flatMap((commit): readonly ExplicitRevert[] => {
    if (isNamed(commit)) return [{ commit: commit.oid, by: 'trailer' }];
    return isInverse(commit, ground) ? [{ commit: commit.oid, by: 'inverse' }] : [];
  });
}

function oidsIn(message: string, pattern: RegExp): readonly Oid[] {
  return [...message.matchAll(pattern)].map(([, oid = '']) => oid);
}

function isInverse(landed: LandedCommit, { changes, only, fileCounts }: RevertGround): boolean {
  if (only === null || landed.changes.length !== changes.length) return false;
  if (fileCounts.get(landed.oid) !== new Set(landed.changes.flatMap(pathsOf)).size) return false;
  // What a merge undoes is not what its branch's commit means.
  return [changes, only].every((each) => landed.changes.every((one) => each.some((other) => isBackwards(one, other))));
}

/** Whether one takes the file from where the other has brought it to where it was. */
export function isBackwards(landed: FileChange, { before, after, hunks }: FileChange): boolean {
  if (landed.before?.path !== after?.path || landed.after?.path !== before?.path) return false;
  if (landed.before?.mode !== after?.mode || landed.after?.mode !== before?.mode) return false;
  if (landed.before?.oid === after?.oid && landed.after?.oid === before?.oid) return true;
  if (!landed.hunks || landed.hunks.length !== hunks?.length) return false;
  return landed.hunks.every((hunk, at) => isHunkBackwards(hunk, hunks[at]));
}

function isHunkBackwards(landed: Hunk, now: Hunk | undefined): boolean {
  return now?.removed.join('\n') === landed.added.join('\n') && now.added.join('\n') === landed.removed.join('\n');
}
