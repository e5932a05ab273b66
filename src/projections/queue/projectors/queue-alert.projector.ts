import { LANE_PAUSED, lanePausedAlert } from '../../../domain/lane/pause-words';
import type { LogEvent, SeenLaneEvent } from '../../events/log-event';

/** An alert that nobody has acknowledged yet, or whose cause is not gone. */
export interface QueueAlert {
  readonly taskId: string;
  readonly project: string;
  readonly alert: string;
  readonly severity: string;
  readonly title: string;
  readonly raisedAt: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of === 'lane') return isOfPause(seen.event) ? [`${seen.project} ${LANE_PAUSED}`] : [];
  if (seen.of !== 'task') return [];
  const { type, data } = seen.event;
  return type === 'AlertRaised' || type === 'AlertAcknowledged' ? [`${seen.taskId} ${data.key}`] : [];
}

export function fold(row: QueueAlert | null, seen: LogEvent): QueueAlert | null {
  if (seen.of === 'lane') return laneAlert(seen.project, seen.event);
  if (seen.of !== 'task') return row;
  const { type, data, envelope } = seen.event;
  if (type === 'AlertAcknowledged') return null;
  if (type !== 'AlertRaised' || row) return row;
  const { key: alert, severity, title } = data;
  return { taskId: seen.taskId, project: seen.project, alert, severity, title, raisedAt: envelope.occurredAt };
}

function isOfPause({ type }: SeenLaneEvent): boolean {
  return type === 'LanePaused' || type === 'LaneResumed';
}

/** It is over when the lane goes on. */
function laneAlert(project: string, { type, data, envelope }: SeenLaneEvent): QueueAlert | null {
  if (type !== 'LanePaused') return null;
  const { key: alert, severity, title } = lanePausedAlert(project, data, String(envelope.revision));
  return { taskId: data.taskId, project, alert, severity, title, raisedAt: envelope.occurredAt };
}
