import { SERVICE } from '../../authority/principal';
import type { TaskCommandData } from '../task.commands';
import type { TaskAlert } from '../task.state';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';

/** Of an old log there may be more than go into one append: the next decision closes the rest. */
const MOST_AT_ONCE = 20;

/** Somebody takes care of it. Who was first has said so; the task is as it was. */
export function acknowledgeAlert(draft: Draft, { key, note }: TaskCommandData['AcknowledgeAlert']): Decision {
  const alert = alertOf(draft, key);
  if (!alert) return unknownAlert(draft, key);
  if (alert.state === 'acknowledged') return nothing();
  if (alert.state === 'closed')
    return reject('alert-closed', `alert ${key} is closed; there is nothing to acknowledge`);
  draft.add({ type: 'AlertAcknowledged', data: { key, by: draft.context.principal.name, ...said(note) } });
  return accept(draft.events);
}

/** It is over, a person says, whatever the task does. */
export function closeAlert(draft: Draft, { key, note }: TaskCommandData['CloseAlert']): Decision {
  const alert = alertOf(draft, key);
  if (!alert) return unknownAlert(draft, key);
  if (alert.state === 'closed') return nothing();
  draft.add({ type: 'AlertClosed', data: { key, how: 'person', by: draft.context.principal.name, ...said(note) } });
  return accept(draft.events);
}

/** Closes what the task has got over, in the append of the decision by which it has. */
export function closeRecovered(draft: Draft): void {
  const over = draft.task.alerts.filter(({ isOver, state }) => isOver && state !== 'closed');
  for (const { key } of over.slice(0, MOST_AT_ONCE))
    draft.add({ type: 'AlertClosed', data: { key, how: 'recovered', by: SERVICE.name } });
}

function alertOf({ task }: Draft, key: string): TaskAlert | undefined {
  return task.alerts.find((alert) => alert.key === key);
}

function unknownAlert({ task }: Draft, key: string): Decision {
  return reject(
    'unknown-alert',
    `expected the key of one of its alerts that are not long closed, saw ${key} at ${task.id}`,
  );
}

function said(note: string | null): { readonly note?: string } {
  return note === null ? {} : { note };
}
