import type { LogEvent } from '../log-event';

/** One alert, from being raised to being acknowledged. */
export interface AlertRow {
  readonly taskId: string;
  readonly project: string;
  readonly alert: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
  readonly raisedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'task') return [];
  const { type, data } = seen.event;
  return type === 'AlertRaised' || type === 'AlertAcknowledged' ? [`${seen.taskId} ${data.key}`] : [];
}

export function fold(row: AlertRow | null, seen: LogEvent): AlertRow | null {
  if (seen.of !== 'task') return row;
  const { type, data, envelope } = seen.event;
  if (type === 'AlertAcknowledged') {
    if (!row || row.acknowledgedAt !== null) return row;
    return { ...row, acknowledgedAt: envelope.occurredAt, acknowledgedBy: data.by };
  }
  // The same key is the same incident: it was said once and is not said again.
  if (type !== 'AlertRaised' || row) return row;
  const { key: alert, severity, title, detail } = data;
  const { taskId, project } = seen;
  const raisedAt = envelope.occurredAt;
  return { taskId, project, alert, severity, title, detail, raisedAt, acknowledgedAt: null, acknowledgedBy: null };
}
