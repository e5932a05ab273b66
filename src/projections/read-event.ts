import { metaOf } from '../application/envelope';
import type { StoredEvent } from '../application/ports/event-store';
import { LANE_STREAM_PREFIX, parseTaskId, POLICY_STREAM_PREFIX, TASK_STREAM_PREFIX } from '../domain/ids';
import type { TaskEvent } from '../domain/task/task.events';
import { upcastTaskEvent } from '../domain/task/task.upcasters';
import type { LogEvent, SeenEnvelope, SeenLaneEvent, SeenPolicyEvent } from './log-event';

/** Brings a stored event to what projectors see. @returns null for what no projection is about. */
export function readEvent(stored: StoredEvent): LogEvent | null {
  const { stream } = stored;
  if (stream.startsWith(TASK_STREAM_PREFIX)) return readTaskEvent(stored, stream.slice(TASK_STREAM_PREFIX.length));
  const { type, data } = stored;
  const event = { type, data, envelope: envelopeOf(stored) } as unknown;
  if (stream.startsWith(LANE_STREAM_PREFIX)) {
    return { of: 'lane', project: stream.slice(LANE_STREAM_PREFIX.length), event: event as SeenLaneEvent };
  }
  if (stream.startsWith(POLICY_STREAM_PREFIX)) {
    return { of: 'policy', project: stream.slice(POLICY_STREAM_PREFIX.length), event: event as SeenPolicyEvent };
  }
  return null;
}

function readTaskEvent(stored: StoredEvent, taskId: string): LogEvent | null {
  const project = parseTaskId(taskId)?.project;
  if (project === undefined) return null;
  const { type, data } = upcastTaskEvent(stored as unknown as TaskEvent, metaOf(stored).v);
  return { of: 'task', taskId, project, event: { type, data, envelope: envelopeOf(stored) } as never };
}

function envelopeOf(stored: StoredEvent): SeenEnvelope {
  const { at: occurredAt, actor, worker, policy: policyDigest } = metaOf(stored);
  return { revision: stored.revision, occurredAt, actor, worker, policyDigest };
}
