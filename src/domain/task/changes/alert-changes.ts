import { isFinal } from '../pipeline';
import type { TaskEvent } from '../task.events';
import type { SubmittedTask, TaskAlert } from '../task.state';

/** Closed ones that are still known by name: who asks for the same again is told the same. */
const MOST_CLOSED = 10;

/**
 * Folds the task's incidents. One is over when the hold that it is about is lifted, and any is when the task leaves its stage for
 * the next one, or for good.
 *
 * @param next the task behind the event, but for this.
 */
export function alertsAfter(task: SubmittedTask, next: SubmittedTask, event: TaskEvent): SubmittedTask['alerts'] {
  const { alerts } = task;
  switch (event.type) {
    case 'AlertRaised': {
      const { key } = event.data;
      if (alerts.some((known) => known.key === key)) return alerts;
      return [...alerts, { key, state: 'raised', isOfHold: task.hold !== null, isOver: false }];
    }
    case 'AlertAcknowledged':
      return changed(alerts, event.data.key, (alert) => ({ ...alert, state: 'acknowledged' }));
    case 'AlertClosed':
      return forgetting(changed(alerts, event.data.key, (alert) => ({ ...alert, state: 'closed' })));
    default:
      return alerts.length === 0 ? alerts : overAfter(task, next, event);
  }
}

function overAfter(task: SubmittedTask, next: SubmittedTask, event: TaskEvent): SubmittedTask['alerts'] {
  const isOut = event.type === 'StageAdvanced' || isFinal(next.stage);
  const isLifted = task.hold !== null && next.hold === null;
  const isOver = (alert: TaskAlert) => alert.isOver || isOut || (isLifted && alert.isOfHold);
  if (task.alerts.every((alert) => alert.isOver === isOver(alert))) return task.alerts;
  return task.alerts.map((alert) => ({ ...alert, isOver: isOver(alert) }));
}

function changed(
  alerts: readonly TaskAlert[],
  key: string,
  change: (alert: TaskAlert) => TaskAlert,
): readonly TaskAlert[] {
  return alerts.map((alert) => (alert.key === key && alert.state !== 'closed' ? change(alert) : alert));
}

function forgetting(alerts: readonly TaskAlert[]): readonly TaskAlert[] {
  const closed = alerts.filter(({ state }) => state === 'closed');
  const forgotten = new Set(closed.slice(0, -MOST_CLOSED));
  return forgotten.size === 0 ? alerts : alerts.filter((alert) => !forgotten.has(alert));
}
