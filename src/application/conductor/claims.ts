import { instant } from '../../domain/instant';
import { CLAIM_MARGIN_MS, maxDurationMs, type Job } from '../../domain/task/job';
import type { TaskCommand } from '../../domain/task/task.commands';
import type { Clock } from '../ports/clock';
import type { Ids } from '../ports/ids';
import type { Project } from '../projects';

type ClaimTransition = Extract<TaskCommand, { type: 'ClaimTransition' }>;

/**
 * A claim for one job. Its id holds the worker and a nonce, so that no two attempts ever share event ids: the loser of a
 * race must never read its rival's claim as its own.
 */
export function claimFor(
  deps: { ids: Ids; clock: Clock; worker: string },
  job: Job,
  project: Project,
): ClaimTransition {
  const { ids, clock, worker } = deps;
  const runId = ids.uuid();
  return {
    type: 'ClaimTransition',
    data: {
      claimId: `${worker}/${runId}`,
      job,
      worker,
      runId,
      cookie: runId,
      deadlineAt: instant(clock.now() + maxDurationMs(job, project.policy) + CLAIM_MARGIN_MS),
    },
  };
}
