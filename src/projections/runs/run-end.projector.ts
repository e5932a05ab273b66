import type { LogEvent } from '../events/log-event';

/** When a task was cancelled: the one end of a run that cites no claim. */
export interface RunEnd {
  readonly cancelledAt: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'task' && seen.event.type === 'TaskCancelled' ? [seen.taskId] : [];
}

export function fold(row: RunEnd | null, seen: LogEvent): RunEnd | null {
  if (seen.of !== 'task' || seen.event.type !== 'TaskCancelled') return row;
  return { cancelledAt: seen.event.envelope.occurredAt };
}
