import { ruleOf } from '../../failures/by-rule';
import { greenVerdict, proveSkip, type SkipProof } from '../../merge/skip-proof';
import { openClaim, staleClaim } from './decide-claim';
import { judged, toConfirm } from './decide-red';
import { accept, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import type { ClaimToken, TaskEvent } from '../task.events';
import type { OpenClaim, SubmittedTask } from '../task.state';

/** A fact on the way: the branch sits cleanly on main's commit, as a new commit that is still to be tested. */
export function rebased(draft: Draft, data: TaskCommandData['RecordRebase']): Decision {
  return ofMergeGate(draft, data.claim, isClaimedHead(data.headOid), {
    type: 'BranchRebased',
    data: { ...data, outcome: 'clean', conflictPaths: [] },
  });
}

export function conflict(draft: Draft, { paths, ...data }: TaskCommandData['ReportConflict']): Decision {
  return ofMergeGate(draft, data.claim, isClaimedHead(data.headOid), {
    type: 'BranchRebased',
    data: { ...data, outcome: 'conflict', newOid: null, treeOid: null, conflictPaths: paths },
  });
}

export function nothingToLand(draft: Draft, data: TaskCommandData['ReportNothingToLand']): Decision {
  return ofMergeGate(draft, data.claim, isClaimedHead(data.headOid), { type: 'NothingToLand', data });
}

export function retestSkipped(draft: Draft, data: TaskCommandData['ReportRetestSkipped']): Decision {
  return ofMergeGate(draft, data.claim, (_claim, task) => isProven(task, data.proof), { type: 'RetestSkipped', data });
}

/** The candidate has lost what main has to keep: no test is needed to see that. */
export function markersLost(draft: Draft, data: TaskCommandData['ReportMarkersLost']): Decision {
  return ofMergeGate(draft, data.claim, (_claim, task) => isCandidate(task, data), { type: 'MarkersLost', data });
}

/** The re-test executed on the rebased tree. */
export function retested(draft: Draft, data: TaskCommandData['ReportRetest']): Decision {
  const { environmentDigest, ...tested } = data;
  return judgeOfMergeGate(
    draft,
    data.claim,
    (_claim, task) => isCandidate(task, data),
    (claim) => {
      const found = judged(draft, claim, { ...data.run, ...ruleOf(data) }, { ...tested, environmentDigest });
      if (found.finding === 'unconfirmed') return toConfirm(draft, claim, data.run, data);
      const { finding: outcome, before, witness } = found;
      const why = { ...(before ? { before } : {}), ...(witness ? { witness } : {}) };
      return concluded(draft, { type: 'RetestFinished', data: { ...tested, outcome, ...why } });
    },
  );
}

type IsAbout = (claim: OpenClaim, task: SubmittedTask) => boolean;

function ofMergeGate(draft: Draft, token: ClaimToken, isAbout: IsAbout, event: TaskEvent): Decision {
  return judgeOfMergeGate(draft, token, isAbout, () => concluded(draft, event));
}

function judgeOfMergeGate(
  draft: Draft,
  token: ClaimToken,
  isAbout: IsAbout,
  conclude: (claim: OpenClaim) => Decision,
): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (claim.job.kind !== 'merge-gate') return reject('wrong-job', `the open claim is for ${claim.job.kind}`);
  if (!isAbout(claim, draft.task)) {
    return reject('other-candidate', 'it is about another commit than the one that was claimed or recorded');
  }
  return conclude(claim);
}

function concluded(draft: Draft, event: TaskEvent): Decision {
  draft.add(event);
  settle(draft);
  return accept(draft.events);
}

function isClaimedHead(headOid: string): IsAbout {
  return (claim) => headOid === claim.headOid;
}

/** A test counts for the very commit, tree and base that were recorded before it began. */
function isCandidate(
  { merge, headOid }: SubmittedTask,
  tested: Pick<TaskCommandData['ReportRetest'], 'newOid' | 'treeOid' | 'baseOid'>,
): boolean {
  if (merge?.rebase !== 'clean' || merge.headOid !== headOid) return false;
  return merge.newOid === tested.newOid && merge.treeOid === tested.treeOid && merge.baseOid === tested.baseOid;
}

/** The proof is made once more, from what is recorded: the candidate is the tested head itself, and nothing differs. */
function isProven(task: SubmittedTask, proof: SkipProof): boolean {
  const { headOid, verdicts } = task;
  if (!headOid || !isCandidate(task, { ...proof, newOid: headOid })) return false;
  // The candidate is the head, so a rebase changed nothing: it has main's commit.
  const own = proveSkip(greenVerdict(verdicts['deploy-staging']), { ...proof, headOid, containsBase: true });
  return own?.verdictRevision === proof.verdictRevision;
}
