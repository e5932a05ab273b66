import { isOfService } from '../../authority/principal';
import { jobKey, jobThatReports, type Job, type JobKey } from '../job';
import type { TaskEvent } from '../task.events';
import { citedClaim, type SubmittedTask } from '../task.state';

/**
 * Ways in which a job ends, may start again, and has cost no budget: its claim was given back, a lock was in the way, the
 * branch moved under it, its landing was lost to a new head.
 */
export type FreeEnd = 'released' | 'lock-busy' | 'head-moved' | 'landing-lost';

/**
 * How often a job may end so before it has delivered anything. Far more than a day of deployments or of pushes makes; few
 * enough that nothing goes on for ever unseen.
 */
export const FREE_BOUNDS: Readonly<Record<FreeEnd, number>> = {
  released: 20,
  'lock-busy': 1_000,
  'head-moved': 50,
  'landing-lost': 20,
};

/** Free ends by way and job, since that job last delivered. */
export type FreeEnds = SubmittedTask['freeEnds'];

/** @param task before the event. */
export function freeEndsAfter(task: SubmittedTask, event: TaskEvent): FreeEnds {
  const end = freeEndOf(task, event);
  if (end) return { ...task.freeEnds, [end]: (task.freeEnds[end] ?? 0) + 1 };
  const job = delivered(task, event);
  if (job === null) return task.freeEnds;
  return job === 'every job' ? {} : without(task.freeEnds, job);
}

/** True when one more end of this kind may still be free. */
export function mayEndFree(task: SubmittedTask, end: FreeEnd, job: Job): boolean {
  return (task.freeEnds[freeEndKey(end, job)] ?? 0) < FREE_BOUNDS[end];
}

export function freeEndKey(end: FreeEnd, job: Job | JobKey): string {
  return `${end}:${typeof job === 'string' ? job : jobKey(job)}`;
}

function freeEndOf(task: SubmittedTask, event: TaskEvent): string | null {
  const { claim } = task;
  switch (event.type) {
    case 'ClaimReleased':
      return claim && freeEndKey('released', claim.job);
    case 'RunDeferred':
      return event.data.spends === null ? freeEndKey('lock-busy', event.data.job) : null;
    case 'HeadMoved':
      return claim && event.data.voidedClaim !== null ? freeEndKey('head-moved', claim.job) : null;
    case 'LandingLost':
      return event.data.spends === null ? freeEndKey('landing-lost', 'landing') : null;
    default:
      return null;
  }
}

/** The job that got somewhere by this event. A person who lets the task go on has looked at all of them. */
function delivered(task: SubmittedTask, event: TaskEvent): JobKey | 'every job' | null {
  switch (event.type) {
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return jobThatReports(event.type);
    case 'EvidenceRecorded': {
      const claim = citedClaim(task, event.data.claim);
      return claim && jobKey(claim.job);
    }
    case 'DeployFinished':
      return event.data.status === 'NOT_STARTED' ? null : 'deploy';
    case 'MonitorPolled':
      return 'monitor-poll';
    case 'AgentJobFinished':
      return `agent:${event.data.role}`;
    case 'MarkersLost':
    case 'RetestFinished':
    case 'RetestSkipped':
    case 'NothingToLand':
      return 'merge-gate';
    case 'BranchRebased':
      return event.data.outcome === 'conflict' ? 'merge-gate' : null;
    case 'TaskLanded':
    case 'TaskReleased':
      return 'every job';
    case 'VerdictVoided':
      return isOfService(event.data.by) ? null : 'every job';
    default:
      return null;
  }
}

function without(ends: FreeEnds, job: JobKey): FreeEnds {
  const kept = Object.entries(ends).filter(([key]) => !key.endsWith(`:${job}`));
  return Object.fromEntries(kept);
}
