import type { LogEvent } from '../events/log-event';

/** One event of a task, as its timeline keeps it. Words are made when it is read, so that better ones need no rebuild. */
export interface TaskEventRow {
  readonly taskId: string;
  readonly revision: string;
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly worker: string;
  readonly data: object;
}

/** Text order is revision order: as many digits as a stream can need. */
const REVISION_DIGITS = 12;

export function taskEventKey(taskId: string, revision: bigint): string {
  return `${taskId}@${String(revision).padStart(REVISION_DIGITS, '0')}`;
}

/** Behind every event of the task: what no digit reaches. */
export function lastTaskEventKey(taskId: string): string {
  return `${taskId}@:`;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'task' ? [taskEventKey(seen.taskId, seen.event.envelope.revision)] : [];
}

export function fold(row: TaskEventRow | null, seen: LogEvent): TaskEventRow | null {
  if (seen.of !== 'task') return row;
  const { type, data, envelope } = seen.event;
  const { revision, occurredAt: at, actor, worker } = envelope;
  return { taskId: seen.taskId, revision: String(revision), type, at, actor, worker, data };
}
