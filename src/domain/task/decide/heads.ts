import { SERVICE } from '../../authority/principal';
import { comesAfter, isFinal } from '../pipeline';
import { holdIfEndless } from '../budgets/hold-endless';
import { settle } from '../settle';
import type { Draft } from './draft';
import type { ClaimToken } from '../task.events';
import type { OpenClaim } from '../task.state';

/**
 * The branch has another head. After development that voids everything that was found out about the old one, the open
 * claim included; before, it is what the work there consists of, and `voided` alone says whether a run ends by it.
 */
export function moveHead(draft: Draft, headOid: string, voided: ClaimToken | null = null): void {
  const { stage, claim, headOid: from } = draft.task;
  const isLate = !isFinal(stage) && comesAfter(stage, 'development');
  const voidedClaim = isLate ? (claim?.token ?? null) : voided;
  draft.add({ type: 'HeadMoved', data: { from, to: headOid, voidedClaim } });
  settle(draft);
  if (claim && voidedClaim !== null) holdIfEndless(draft, 'head-moved', claim.job, `the branch moved to ${headOid}`);
}

/**
 * A job tells of a head that it looked up. If a look has told of another since the job began, only the next look can say
 * which of the two is newer: what is recorded stays.
 * @returns whether the head has moved.
 */
export function moveToReported(
  draft: Draft,
  claim: OpenClaim,
  headOid: string,
  voided: ClaimToken | null = null,
): boolean {
  const { headOid: recorded } = draft.task;
  if (recorded !== claim.headOid || headOid === recorded) return false;
  moveHead(draft, headOid, voided);
  return true;
}

/** The task has landed: what happens to its branch now concerns nobody, but each new head is worth one line. */
export function noteLateHead(draft: Draft, headOid: string): void {
  if (draft.task.headAfterLanding === headOid) return;
  const text = `the branch moved to ${headOid} after landing`;
  draft.add({ type: 'TaskAnnotated', data: { by: SERVICE.name, text, headOid } });
}
