import { instant } from '../../domain/instant';
import type { Digest } from '../../domain/ids';
import { CLAIM_MARGIN_MS, maxDurationMs, type Job } from '../../domain/task/job';
import { heartbeatDeadline, outsideWorker } from '../../domain/task/outside';
import type { TaskCommand } from '../../domain/task/task.commands';
import type { Clock } from '../ports/clock';
import type { Ids } from '../ports/ids';
import type { Project } from '../projects';

export type ClaimTransition = Extract<TaskCommand, { type: 'ClaimTransition' }>;

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

/** A claim for somebody who does the job elsewhere: it lives by heartbeats, and never longer than `boundMs`. */
export function outsideClaim(
  deps: { ids: Ids; clock: Clock; boundMs: number },
  job: Job,
  { by, secretDigest }: { readonly by: string; readonly secretDigest: Digest },
): ClaimTransition {
  const { ids, clock, boundMs } = deps;
  const runId = ids.uuid();
  const worker = outsideWorker(by, runId.slice(0, 8));
  const now = clock.now();
  const endsAt = instant(now + boundMs);
  const deadlineAt = heartbeatDeadline(instant(now), endsAt);
  const outside = { secretDigest, endsAt };
  return {
    type: 'ClaimTransition',
    data: { claimId: `${worker}/${runId}`, job, worker, runId, cookie: runId, deadlineAt, outside },
  };
}
