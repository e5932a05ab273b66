import { comesAfter, isFinal } from './pipeline';
import { holdIfEndless } from './hold-endless';
import { settle } from './settle';
import type { Draft } from './draft';
import type { ClaimToken } from './task.events';

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

/** The task has landed: what happens to its branch now concerns nobody, but each new head is worth one line. */
export function noteLateHead(draft: Draft, headOid: string): void {
  if (draft.task.headAfterLanding === headOid) return;
  const text = `the branch moved to ${headOid} after landing`;
  draft.add({ type: 'TaskAnnotated', data: { by: 'stagegate', text, headOid } });
}
