import type { LandingFinding, MergeRuleId } from './landing';

/** A file that differs between a merge commit and what git makes of its parents. */
export interface MergeDifference {
  readonly path: string;
  /** The merge commit has it as its first parent has it, or as neither, or as both have it not. */
  readonly isAsMain: boolean;
  readonly isAsBranch: boolean;
}

/**
 * What is wrong with a merge, by file.
 *
 * @param isByHand some other file of it was in conflict, so that people had to edit.
 */
export function mergeFindings(
  differences: readonly MergeDifference[],
  isByHand: boolean,
): readonly Pick<LandingFinding, 'rule' | 'path'>[] {
  return differences.flatMap(({ path, isAsMain, isAsBranch }) => {
    const rule = ruleOf(isAsMain, isAsBranch);
    return rule === 'merge-edited' && isByHand ? [] : [{ rule, path }];
  });
}

/** As both have it, and still not as git merges it: somebody has taken back what git carries over from a rename. */
function ruleOf(isAsMain: boolean, isAsBranch: boolean): MergeRuleId {
  if (isAsMain === isAsBranch) return 'merge-edited';
  return isAsMain ? 'merge-lost-branch' : 'merge-lost-main';
}
