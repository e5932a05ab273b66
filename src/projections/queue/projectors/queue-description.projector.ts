import type { LogEvent } from '../../events/log-event';

/** What a task was submitted to do: written once, and read by whoever looks at that one task. */
export interface QueueDescription {
  readonly description: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return descriptionIn(seen) === null ? [] : [seen.of === 'task' ? seen.taskId : ''];
}

export function fold(row: QueueDescription | null, seen: LogEvent): QueueDescription | null {
  const description = descriptionIn(seen);
  return row ?? (description === null ? null : { description });
}

export function descriptionIn(seen: LogEvent): string | null {
  if (seen.of !== 'task' || seen.event.type !== 'TaskSubmitted') return null;
  return seen.event.data.description ?? null;
}
