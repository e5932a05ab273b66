import { openClaim, staleClaim } from './decide-claim';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { settle } from './settle';
import type { TaskCommandData } from './task.commands';
import type { ClaimToken, TaskEvent } from './task.events';

/** A fact on the way: the branch sits cleanly on main's commit, as a new commit that is still to be tested. */
export function rebased(draft: Draft, data: TaskCommandData['RecordRebase']): Decision {
  return ofMergeGate(draft, data.claim, [
    { type: 'BranchRebased', data: { ...data, outcome: 'clean', conflictPaths: [] } },
  ]);
}

export function conflict(draft: Draft, { paths, ...data }: TaskCommandData['ReportConflict']): Decision {
  return ofMergeGate(draft, data.claim, [
    {
      type: 'BranchRebased',
      data: { ...data, outcome: 'conflict', newOid: null, treeOid: null, conflictPaths: paths },
    },
  ]);
}

export function nothingToLand(draft: Draft, data: TaskCommandData['ReportNothingToLand']): Decision {
  return ofMergeGate(draft, data.claim, [{ type: 'NothingToLand', data }]);
}

export function retestSkipped(draft: Draft, data: TaskCommandData['ReportRetestSkipped']): Decision {
  return ofMergeGate(draft, data.claim, [{ type: 'RetestSkipped', data }]);
}

/** The re-test executed on the rebased tree. */
export function retested(draft: Draft, data: TaskCommandData['ReportRetest']): Decision {
  const outcome = data.run.exitCode === 0 ? 'green' : 'red';
  return ofMergeGate(draft, data.claim, [{ type: 'RetestFinished', data: { ...data, outcome } }]);
}

function ofMergeGate(draft: Draft, token: ClaimToken, events: readonly TaskEvent[]): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (claim.job.kind !== 'merge-gate') return reject('wrong-job', `the open claim is for ${claim.job.kind}`);
  draft.add(...events);
  settle(draft);
  return accept(draft.events);
}
