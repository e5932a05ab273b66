import type { LogEvent } from '../../events/log-event';

/** An alert that nobody has acknowledged yet. */
export interface QueueAlert {
  readonly taskId: string;
  readonly project: string;
  readonly alert: string;
  readonly severity: string;
  readonly title: string;
  readonly raisedAt: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'task') return [];
  const { type, data } = seen.event;
  return type === 'AlertRaised' || type === 'AlertAcknowledged' ? [`${seen.taskId} ${data.key}`] : [];
}

export function fold(row: QueueAlert | null, seen: LogEvent): QueueAlert | null {
  if (seen.of !== 'task') return row;
  const { type, data, envelope } = seen.event;
  if (type === 'AlertAcknowledged') return null;
  if (type !== 'AlertRaised' || row) return row;
  const { key: alert, severity, title } = data;
  return { taskId: seen.taskId, project: seen.project, alert, severity, title, raisedAt: envelope.occurredAt };
}
