import {
  readLaneEvent,
  readPolicyEvent,
  readSubscriberEvent,
  readSwitchEvent,
  readTaskEvent,
  unreadable,
  whenOf,
} from '../../application/read-events';
import type { StoredEvent } from '../../application/ports/event-store';
import {
  DELIVERY_PREFIXES,
  LANE_STREAM_PREFIX,
  parseTaskId,
  POLICY_STREAM_PREFIX,
  SUBSCRIBER_STREAM_PREFIX,
  subscriberStream,
  SWITCH_STREAM_PREFIX,
  TASK_STREAM_PREFIX,
  taskIn,
} from '../../domain/ids';
import { isObject, text } from '../../domain/shape';
import type { LogEvent, SeenEnvelope } from './log-event';

/** Brings a stored event to what projectors see. @returns null for what no projection is about. */
export function readEvent(stored: StoredEvent): LogEvent | null {
  const { stream } = stored;
  if (stream.startsWith(TASK_STREAM_PREFIX)) return taskEvent(stored, taskIn(stream));
  if (stream.startsWith(LANE_STREAM_PREFIX)) {
    const event = { ...readLaneEvent(stored), envelope: envelopeOf(stored) };
    return { of: 'lane', project: stream.slice(LANE_STREAM_PREFIX.length), event };
  }
  if (stream.startsWith(POLICY_STREAM_PREFIX)) {
    const event = { ...readPolicyEvent(stored), envelope: envelopeOf(stored) };
    return { of: 'policy', project: stream.slice(POLICY_STREAM_PREFIX.length), event };
  }
  if (stream.startsWith(SWITCH_STREAM_PREFIX)) {
    const event = { ...readSwitchEvent(stored), envelope: envelopeOf(stored) };
    return { of: 'switches', project: stream.slice(SWITCH_STREAM_PREFIX.length), event };
  }
  return deliveryEvent(stored);
}

function deliveryEvent(stored: StoredEvent): LogEvent | null {
  const subscriber = stored.stream.slice(SUBSCRIBER_STREAM_PREFIX.length);
  const isIt =
    stored.stream === subscriberStream(subscriber) && DELIVERY_PREFIXES.some((of) => subscriber.startsWith(of));
  const event = isIt ? readSubscriberEvent(stored) : null;
  if (event === null || event.type === 'Unreadable') return null;
  return { of: 'delivery', project: '', subscriber, event: { ...event, envelope: envelopeOf(stored) } };
}

function taskEvent(stored: StoredEvent, taskId: string): LogEvent {
  const project = parseTaskId(taskId)?.project;
  const envelope = envelopeOf(stored);
  if (project !== undefined) return { of: 'task', taskId, project, event: seen(stored, envelope) };
  const event = unreadable(stored, 'expected the stream of a task, saw another name');
  return { of: 'stray', project: '', event: { ...event, envelope } };
}

/** Not by a spread, which would be felt: every event comes through here. */
function seen(stored: StoredEvent, envelope: SeenEnvelope): Extract<LogEvent, { of: 'task' }>['event'] {
  const { type, data } = readTaskEvent(stored);
  return { type, data, envelope } as never;
}

function envelopeOf(stored: StoredEvent): SeenEnvelope {
  const { at: occurredAt, policyDigest } = whenOf(stored);
  const meta: Readonly<Record<string, unknown>> = isObject(stored.meta) ? stored.meta : {};
  const [actor, worker] = [meta['actor'], meta['worker']];
  return {
    revision: stored.revision,
    occurredAt,
    actor: text(actor) ? actor : '',
    worker: text(worker) ? worker : '',
    policyDigest,
  };
}
