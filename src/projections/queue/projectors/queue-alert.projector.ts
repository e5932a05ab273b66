import type { AlertState } from '../../../domain/alerts/alert-state';
import { LANE_PAUSED, lanePausedAlert } from '../../../domain/lane/pause-words';
import type { LogEvent, SeenLaneEvent } from '../../events/log-event';

/** An incident and how far it is. */
export interface QueueAlert {
  readonly taskId: string;
  readonly project: string;
  readonly alert: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
  readonly raisedAt: string;
  readonly state: AlertState;
  /** When it was raised, while it is not closed: for finding those. */
  readonly openSince: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
  /** What was said of it last. */
  readonly note: string | null;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of === 'lane') return isOfPause(seen.event) ? [`${seen.project} ${LANE_PAUSED}`] : [];
  if (seen.of !== 'task') return [];
  const { type, data } = seen.event;
  const isOfAlert = type === 'AlertRaised' || type === 'AlertAcknowledged' || type === 'AlertClosed';
  return isOfAlert ? [`${seen.taskId} ${data.key}`] : [];
}

export function fold(row: QueueAlert | null, seen: LogEvent): QueueAlert | null {
  if (seen.of === 'lane') return laneAlert(row, seen.project, seen.event);
  if (seen.of !== 'task') return row;
  const { type, data, envelope } = seen.event;
  const at = envelope.occurredAt;
  switch (type) {
    case 'AlertRaised': {
      if (row) return row;
      const { key: alert, severity, title, detail } = data;
      return raised({ taskId: seen.taskId, project: seen.project, alert, severity, title, detail }, at);
    }
    case 'AlertAcknowledged':
      return row && acknowledged(row, data.by, at, data.note);
    case 'AlertClosed':
      return row && closed(row, data.by, at, data.note);
    default:
      return row;
  }
}

function isOfPause({ type }: SeenLaneEvent): boolean {
  return type === 'LanePaused' || type === 'LaneResumed' || type === 'LaneAlertAnswered';
}

/** It is over when the lane goes on; of a lane the newest is kept. */
function laneAlert(
  row: QueueAlert | null,
  project: string,
  { type, data, envelope }: SeenLaneEvent,
): QueueAlert | null {
  const at = envelope.occurredAt;
  if (type === 'LaneResumed') return row && closed(row, data.by, at, data.reason);
  if (type === 'LaneAlertAnswered') {
    if (row?.alert !== data.key) return row;
    return data.answer === 'closed' ? closed(row, data.by, at, data.note) : acknowledged(row, data.by, at, data.note);
  }
  if (type !== 'LanePaused') return row;
  const { key: alert, severity, title, detail } = lanePausedAlert(project, data, String(envelope.revision));
  return raised({ taskId: data.taskId, project, alert, severity, title, detail }, at);
}

type Raised = Pick<QueueAlert, 'taskId' | 'project' | 'alert' | 'severity' | 'title' | 'detail'>;

function raised(said: Raised, at: string): QueueAlert {
  const nobody = { acknowledgedBy: null, acknowledgedAt: null, closedBy: null, closedAt: null, note: null };
  return { ...said, raisedAt: at, state: 'raised', openSince: at, ...nobody };
}

function acknowledged(row: QueueAlert, by: string, at: string, note: string | undefined): QueueAlert {
  if (row.state !== 'raised') return row;
  return { ...row, state: 'acknowledged', acknowledgedBy: by, acknowledgedAt: at, note: note ?? row.note };
}

function closed(row: QueueAlert, by: string, at: string, note: string | undefined): QueueAlert {
  if (row.state === 'closed') return row;
  return { ...row, state: 'closed', openSince: null, closedBy: by, closedAt: at, note: note ?? row.note };
}
