import type { Instant } from '../../instant';
import { isProbeDue } from '../../lane/pause';
import { pauseText, resumeCommand } from '../../lane/pause-words';
import { placeText } from '../../turn';
import { jobName, needsLane, type Job } from '../job';
import type { LaneView, Surroundings } from '../task.commands';
import type { SubmittedTask } from '../task.state';
import { remedyOfMissing } from '../words/remedies';
import { why, type Step } from './step';

/**
 * A breaker has paused the lane: nothing is spent and nothing goes back meanwhile. Null where the task is the one that finds
 * out whether the lane works again, or may become it.
 */
export function waitForLane(task: SubmittedTask, now: Instant, { lane, switches }: Surroundings): Step | null {
  const { pause, holder } = lane;
  if (!pause || !switches.laneBreaker) return null;
  if (holder?.taskId === task.id ? holder.epoch === pause.probe : isProbeDue(pause, now)) return null;
  const prober = pause.probe !== null && holder?.epoch === pause.probe ? holder.taskId : null;
  const text = `${pauseText(task.project, pause, prober)}${placeIn(lane)}`;
  const reason = why('lane-paused', text, 'queue', pause.since, prober ?? task.project);
  const remedy = remedyOfMissing(task, `put the machine right; ${resumeCommand(task.project)} resumes at once`);
  return { kind: 'wait', until: prober === null ? pause.probeAt : null, why: { ...reason, remedy } };
}

/** Surroundings are needed for jobs that hold the lane only. */
export function runJob(task: SubmittedTask, job: Job, surroundings: Surroundings | null): Step {
  const lane = needsLane(job) ? surroundings?.lane : null;
  const holder = lane?.holder;
  if (holder && holder.taskId !== task.id) {
    const text = `the lane of ${task.project} is held by ${holder.taskId}${placeIn(lane)}`;
    return { kind: 'wait', until: null, why: why('lane-busy', text, 'queue', task.stageSince, holder.taskId) };
  }
  if (lane && !holder && lane.nextInLine !== null && lane.nextInLine !== task.id) {
    const text = `${lane.nextInLine} is before this task in the lane of ${task.project}${placeIn(lane)}`;
    return { kind: 'wait', until: null, why: why('lane-queue', text, 'queue', task.stageSince, lane.nextInLine) };
  }
  const actor = job.kind === 'agent' ? 'agent' : 'runner';
  return { kind: 'run', job, why: why('ready', `${jobName(job)} can start`, actor, task.stageSince) };
}

function placeIn({ ahead }: LaneView): string {
  return typeof ahead === 'number' ? `; ${placeText(ahead)}` : '';
}
