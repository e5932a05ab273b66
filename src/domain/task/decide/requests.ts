import { accept, nothing, type Decision } from './decision';
import type { Draft } from './draft';
import { moveHead, noteLateHead } from './heads';
import type { QueuedRequest } from '../task.state';

/** Written down while a landing is under way; the same wish again is no second one. */
export function queueRequest(draft: Draft, asked: QueuedRequest): Decision {
  if (isKnown(draft, asked)) return nothing();
  draft.add({ type: 'RequestQueued', data: asked });
  return accept(draft.events);
}

/** A head is known if it is the last one heard of: a branch may come back to where it was. */
function isKnown(draft: Draft, { request, headOid }: QueuedRequest): boolean {
  const last = draft.task.requests.filter((queued) => queued.request === request).at(-1);
  if (request !== 'head-moved') return last !== undefined;
  return (last?.headOid ?? draft.task.headOid) === headOid;
}

/**
 * Answers what was asked for while the landing was under way, once its outcome is in the draft.
 *
 * @param asked the requests from before the outcome: it has taken them off the task.
 */
export function answerRequests(draft: Draft, asked: readonly QueuedRequest[]): void {
  if (draft.task.landed) answerLanded(draft, asked);
  else answerNotLanded(draft, asked);
}

/** Of several heads the last one counts: there may be more than go into one append. */
function answerLanded(draft: Draft, asked: readonly QueuedRequest[]): void {
  const lastHead = asked.findLast(({ headOid }) => headOid !== null)?.headOid;
  if (lastHead) noteLateHead(draft, lastHead);
  for (const { request, by, reason, headOid } of asked) {
    if (request === 'hold') holdAsAsked(draft, by, reason);
    else if (headOid === null) {
      const text = `${request} came too late, the task had landed: ${reason}`;
      draft.add({ type: 'TaskAnnotated', data: { by, text } });
    }
  }
}

/** Nothing follows a cancel; of several heads the last one counts. */
function answerNotLanded(draft: Draft, asked: readonly QueuedRequest[]): void {
  const cancel = asked.find(({ request }) => request === 'cancel');
  if (cancel) {
    draft.add({ type: 'TaskCancelled', data: { by: cancel.by, reason: cancel.reason } });
    return;
  }
  const hold = asked.find(({ request }) => request === 'hold');
  if (hold) holdAsAsked(draft, hold.by, hold.reason);
  const headOid = asked.filter(({ request }) => request === 'head-moved').at(-1)?.headOid;
  if (headOid && headOid !== draft.task.headOid) moveHead(draft, headOid);
}

function holdAsAsked(draft: Draft, by: string, reason: string): void {
  if (draft.task.hold) return;
  draft.add({ type: 'TaskHeld', data: { reason: 'person', by, detail: reason, budget: null } });
}
