import type { StoredEvent } from '../../src/application/ports/event-store';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { recorded } from './recorded';
import type { Violation } from './violation';

/** What ends a hold, and what ends the task. */
const LIFTS = new Set(['TaskReleased', 'TaskCancelled', 'TaskRejected']);
const ENDS = new Set(['TaskCancelled', 'TaskRejected']);

interface Open {
  readonly isOfHold: boolean;
}

/**
 * I50: an alert that is seen or closed was raised and is not closed yet; one per incident; and where the task is held no longer,
 * or has ended, none of what it was held for is open.
 */
export function checkAlerts(events: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const open = new Map<string, Open>();
  const closed = new Set<string>();
  let [isHeld, isOver] = [false, false];
  for (const stored of events) {
    const { stream, revision } = stored;
    const event = recorded<TaskEvent>(stored);
    const wrong = (detail: string) =>
      violations.push({ invariant: 'I50', stream, revision, detail: `${event.type}: ${detail}` });
    if (event.type === 'TransitionClaimed' && !isHeld)
      for (const [key, { isOfHold }] of open) if (isOfHold) wrong(`alert ${key} is open and its task is not held`);
    if (event.type === 'TaskHeld') isHeld = true;
    if (LIFTS.has(event.type)) isHeld = false;
    if (ENDS.has(event.type) || (event.type === 'StageAdvanced' && event.data.to === 'done')) isOver = true;
    if (event.type === 'AlertRaised') {
      if (open.has(event.data.key) || closed.has(event.data.key)) wrong('the incident had its alert before');
      open.set(event.data.key, { isOfHold: isHeld });
    }
    if (event.type === 'AlertAcknowledged' || event.type === 'AlertClosed') {
      const { key } = event.data;
      if (!open.has(key)) wrong(`no alert ${key} is open`);
    }
    if (event.type === 'AlertClosed') {
      open.delete(event.data.key);
      closed.add(event.data.key);
    }
  }
  const last = events.at(-1);
  if (isOver && last)
    for (const key of open.keys())
      violations.push({ invariant: 'I50', stream: last.stream, revision: last.revision, detail: `${key} is open` });
  return violations;
}
