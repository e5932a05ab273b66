import { typeInLog, type CloudEvent } from '../../domain/published/cloud-event';
import { LANE_STREAM_PREFIX, SWITCH_STREAM_PREFIX } from '../../domain/ids';
import type { TaskEvent } from '../../domain/task/task.events';
import { eventWords } from '../../projections/task/event-words';
import { bold, dim, type Text } from '../styled';

/** An event for people: when, about what, which, and what it says. */
export function eventLine(event: CloudEvent): readonly Text[] {
  return [dim(event.time), ' ', bold(event.subject), ` ${typeInLog(event)} `, wordsOf(event)];
}

function wordsOf(event: CloudEvent): string {
  const { stream, data } = event;
  const type = typeInLog(event);
  const said = data as Readonly<Record<string, unknown>>;
  const isOfTask = !stream.startsWith(LANE_STREAM_PREFIX) && !stream.startsWith(SWITCH_STREAM_PREFIX);
  if (isOfTask || type === 'Unreadable') return eventWords({ type, data } as TaskEvent);
  if (type === 'SwitchSet')
    return `${textIn(said, 'switch')} ${switchWord(said['enabled'])}, by ${textIn(said, 'by')}: ${textIn(said, 'reason')}`;
  return [textIn(said, 'taskId'), textIn(said, 'reason')].filter((part) => part !== '').join(': ');
}

function switchWord(enabled: unknown): string {
  if (enabled === null) return 'as project file and environment say';
  return enabled === true ? 'on' : 'off';
}

function textIn(data: Readonly<Record<string, unknown>>, name: string): string {
  const value = data[name];
  return typeof value === 'string' ? value : '';
}
