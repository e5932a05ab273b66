import type { Followed } from '../task.events';

/** Goes after "the files followed": which did not, why, and what a person does about it. */
export function leftWords({
  left,
  fault,
}: {
  readonly left: readonly string[];
  readonly fault?: string | undefined;
}): string {
  if (left.length === 0) return '';
  const why = fault === undefined ? 'which somebody changed meanwhile' : `which git could not write (${fault})`;
  return `, but not ${left.join(', ')}, ${why}; see "git diff" there`;
}

/** What became of the files of a main that is checked out. */
export function filesFollowedWords({ at, left, fault }: Followed): string {
  if (fault !== undefined && left.length === 0)
    return `the files in ${at} did not follow, which the next start makes good: ${fault}`;
  return `the files in ${at} followed${leftWords({ left, fault })}`;
}
