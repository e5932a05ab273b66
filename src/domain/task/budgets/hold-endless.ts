import type { Draft } from '../decide/draft';
import { FREE_BOUNDS, freeEndKey, type FreeEnd } from './free-ends';
import { jobName, type Job } from '../job';
import { hold } from '../settle';

/**
 * Holds the task when its job has ended for free once too often.
 *
 * @param last what the last end was, for people.
 */
export function holdIfEndless(draft: Draft, end: FreeEnd, job: Job, last: string): void {
  const count = draft.task.freeEnds[freeEndKey(end, job)] ?? 0;
  if (count <= FREE_BOUNDS[end]) return;
  // A task that is held does nothing else but ask git about an interrupted landing.
  if (draft.task.hold && job.kind !== 'landing-recovery') return;
  hold(draft, 'no-progress', `${jobName(job)} ended ${count} times without a result (${end}); the last time: ${last}`, {
    job,
  });
}
