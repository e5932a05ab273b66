import type { Unreadable } from '../../../domain/damage';
import { taskStream } from '../../../domain/ids';
import type { Instant } from '../../../domain/instant';
import { evolve } from '../../../domain/task/evolve';
import { jobKey, type JobKey } from '../../../domain/task/job';
import { initialTask, type SubmittedTask, type Task } from '../../../domain/task/task.state';
import type { LogEvent } from '../../events/log-event';
import { NO_PACE, paceAfter, type Pace } from './queue-pace.projector';

/**
 * The task's own state, folded by the function that decides: whatever the queue says about a task is what the service
 * acts on.
 */
export interface QueueTask {
  readonly task: SubmittedTask;
  /** Runs of one job in one stay at a stage, the open one included. */
  readonly attempt: { readonly job: JobKey; readonly stageSince: Instant; readonly count: number } | null;
  readonly pace: Pace;
}

type SeenTask = Extract<LogEvent, { of: 'task' }>;

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'task' ? [seen.taskId] : [];
}

/** A stream begins with the task. */
export function makes(seen: LogEvent): boolean {
  return seen.event.envelope.revision === 0n;
}

export function fold(row: QueueTask | null, seen: LogEvent): QueueTask | null {
  if (seen.of !== 'task') return row;
  const { occurredAt: at, policyDigest } = seen.event.envelope;
  const before = row?.task ?? initialTask();
  const event = follows(before, seen) ? seen.event : outOfPlace(seen);
  const task = evolve(before, event, { at, policyDigest });
  if (task.kind === 'unknown') return row;
  const attempt = event.type === 'TransitionClaimed' ? claimed(row, task) : (row?.attempt ?? null);
  const pace = row?.pace ?? NO_PACE;
  return { task, attempt, pace: event.type === 'Unreadable' ? pace : paceAfter(pace, before, task, event.type, at) };
}

/** Whether the event is the next one of its stream: somebody may have removed some. */
function follows(task: Task, { event }: SeenTask): boolean {
  const { revision } = event.envelope;
  return task.kind === 'unknown' ? revision === 0n : revision === task.revision + 1n;
}

function outOfPlace({ taskId, event }: SeenTask): Unreadable {
  const revision = String(event.envelope.revision);
  const type = event.type === 'Unreadable' ? event.data.type : event.type;
  const reason = 'expected the next event of its stream, saw one further on';
  return { type: 'Unreadable', data: { stream: taskStream(taskId), revision, type, reason } };
}

/** How often the job the task is at has been claimed since the task came to its stage. */
export function attemptOf({ task, attempt }: QueueTask): number {
  return attempt?.stageSince === task.stageSince ? attempt.count : 0;
}

function claimed(row: QueueTask | null, task: SubmittedTask): QueueTask['attempt'] {
  if (!task.claim) return row?.attempt ?? null;
  const job = jobKey(task.claim.job);
  const { stageSince } = task;
  const before = row?.attempt;
  const goesOn = before?.job === job && before.stageSince === stageSince;
  return { job, stageSince, count: goesOn ? before.count + 1 : 1 };
}
