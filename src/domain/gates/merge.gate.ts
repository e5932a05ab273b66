import { unreachable } from '../fact';
import { answerTo, hold, notReady, pass, type Gate } from './gate';

/**
 * check_branch_mergeable: the head rebased cleanly onto the recorded base, and that very tree is proven green, by a
 * re-test or by a proof that the re-test would repeat the staging run.
 */
export const mergeGate: Gate = {
  name: 'check_branch_mergeable',
  version: 1,
  evaluate: (task) => {
    if (task.exhausted?.kind === 'merge-gate') return hold('infra-exhausted');
    const merge = task.merge;
    if (!merge || merge.headOid !== task.headOid) return notReady('not rebased onto main yet');
    const evidence = { headOid: merge.headOid, baseOid: merge.baseOid, newOid: merge.newOid, treeOid: merge.treeOid };
    if (merge.rebase === 'conflict') return answerTo('conflict', { ...evidence, paths: merge.conflictPaths });
    switch (merge.retest) {
      case null:
        return notReady('not re-tested yet');
      case 'red':
      case 'inconclusive':
        return answerTo(merge.retest, evidence);
      case 'not-executed':
        return hold('not-executed', evidence);
      case 'skipped':
        return pass({ ...evidence, skippedBy: merge.proof?.verdictRevision ?? null });
      case 'green':
        return pass(evidence);
      default:
        return unreachable(merge.retest);
    }
  },
};
