import { openClaim, staleClaim } from './decide-claim';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';
import { holdIfEndless } from '../budgets/hold-endless';
import { moveHead, moveToReported, noteLateHead } from './heads';
import { queueRequest } from './requests';
import type { TaskCommandData } from '../task.commands';
import { isLanding } from '../task.state';

/** Somebody looked at the branch. While it lands its head is git's business; afterwards it is nobody's. */
export function observeHead(draft: Draft, { headOid, known }: TaskCommandData['ObserveHead']): Decision {
  const { task } = draft;
  // A job has told of a head meanwhile: which of the two is newer, only another look can say.
  if (known !== task.headOid) return nothing();
  if (isLanding(task)) {
    return queueRequest(draft, {
      request: 'head-moved',
      by: 'git',
      reason: `the branch moved to ${headOid}`,
      headOid,
    });
  }
  if (task.headOid === headOid) return nothing();
  if (task.landed) noteLateHead(draft, headOid);
  else moveHead(draft, headOid);
  return draft.events.length === 0 ? nothing() : accept(draft.events);
}

/** The branch moved while the job ran: its result is void, and nobody pays for that. */
export function stale(draft: Draft, { claim: token, headOid }: TaskCommandData['ReportStale']): Decision {
  const claim = openClaim(draft, token);
  if (!claim) return staleClaim(draft, token);
  if (isLanding(draft.task)) return reject('wrong-job', 'a landing reports its outcome, not a stale head');
  if (!moveToReported(draft, claim, headOid, token)) {
    const isBack = headOid === draft.task.headOid && headOid === claim.headOid;
    const reason = isBack ? 'the branch is back where it was' : 'the branch moved after the job had begun';
    draft.add({ type: 'ClaimReleased', data: { claim: token, reason } });
    holdIfEndless(draft, 'released', claim.job, reason);
  }
  return accept(draft.events);
}
