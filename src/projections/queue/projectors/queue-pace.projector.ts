import { epochMs, type Instant } from '../../../domain/instant';
import { jobKey, type JobKey } from '../../../domain/task/job';
import type { Stage } from '../../../domain/task/pipeline';
import type { TaskEventType } from '../../../domain/task/task.events';
import type { Task } from '../../../domain/task/task.state';

/** A run of a job, or a stay at a stage: what a task can be expected to come to the end of. */
export type StepName = JobKey | Stage;

/** What a task has shown about how long its steps take. */
export interface Pace {
  /** A person has held it since it came to its stage: that stay tells nothing about others. */
  readonly wasHeld: boolean;
  /** When the latest of `ended` ended. */
  readonly endedAt: Instant | null;
  /** The latest ones, with milliseconds from beginning to end; the stage `created` is none, it is left at once. */
  readonly ended: readonly (readonly [StepName, number])[];
}

export const NO_PACE: Pace = { wasHeld: false, endedAt: null, ended: [] };

/** More of one task would outweigh the others. */
const KEPT_PER_TASK = 16;
/** A run that was given back, taken back or broke down did not come to its end. */
const RESULTS: readonly TaskEventType[] = [
  'VerdictRecorded',
  'EvidenceRecorded',
  'BranchRebased',
  'RetestSkipped',
  'MarkersLost',
  'RetestFinished',
  'NothingToLand',
  'TaskLanded',
  'LandingLost',
  'AgentJobFinished',
];
/** A stay that a push or a person cut short did not either. */
const MOVES: readonly TaskEventType[] = ['StageAdvanced', 'StageRolledBack', 'LandingLost'];

/** @param before and `after`: the task around an event that happened `at`. */
export function paceAfter(pace: Pace, before: Task, after: Task, type: TaskEventType, at: Instant): Pace {
  if (before.kind === 'unknown' || after.kind === 'unknown') return pace;
  const ended: [StepName, number][] = [];
  const { claim } = before;
  const took = (since: Instant) => Math.max(0, epochMs(at) - epochMs(since));
  if (claim && after.claim?.token !== claim.token && RESULTS.includes(type))
    ended.push([jobKey(claim.job), took(claim.since)]);
  const hasMoved = before.stage !== after.stage || before.stageSince !== after.stageSince;
  const hasLeft = before.stage !== after.stage && before.stage !== 'created';
  if (hasLeft && MOVES.includes(type) && !pace.wasHeld) ended.push([before.stage, took(before.stageSince)]);
  const wasHeld = after.hold !== null || (pace.wasHeld && !hasMoved);
  if (ended.length === 0) return wasHeld === pace.wasHeld ? pace : { ...pace, wasHeld };
  return { wasHeld, endedAt: at, ended: [...pace.ended, ...ended].slice(-KEPT_PER_TASK) };
}
