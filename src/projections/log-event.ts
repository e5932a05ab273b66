import type { Recorded } from '../domain/fact';
import { LANE_STREAM_PREFIX, parseTaskId, POLICY_STREAM_PREFIX, TASK_STREAM_PREFIX, type TaskId } from '../domain/ids';
import type { LaneEvent } from '../domain/lane/lane.events';
import type { PolicyEvent } from '../domain/policy/policy.events';
import type { TaskEvent } from '../domain/task/task.events';

export type RecordedTaskEvent = Recorded<TaskEvent>;
export type RecordedLaneEvent = Recorded<LaneEvent>;
export type RecordedPolicyEvent = Recorded<PolicyEvent>;

/** What projectors see: an event of the log in its newest shape. A log may also hold types this program does not know. */
export type LogEvent =
  | { readonly of: 'task'; readonly taskId: TaskId; readonly project: string; readonly event: RecordedTaskEvent }
  | { readonly of: 'lane'; readonly project: string; readonly event: RecordedLaneEvent }
  | { readonly of: 'policy'; readonly project: string; readonly event: RecordedPolicyEvent };

/** The streams that read models are made from. */
export const PROJECTED_PREFIXES: readonly string[] = [TASK_STREAM_PREFIX, LANE_STREAM_PREFIX, POLICY_STREAM_PREFIX];

/** @returns null for a stream that is none of the projected ones. */
export function logEvent(event: RecordedTaskEvent | RecordedLaneEvent | RecordedPolicyEvent): LogEvent | null {
  const { stream } = event.envelope;
  if (stream.startsWith(TASK_STREAM_PREFIX)) {
    const taskId = stream.slice(TASK_STREAM_PREFIX.length);
    const project = parseTaskId(taskId)?.project;
    return project === undefined ? null : { of: 'task', taskId, project, event: event as RecordedTaskEvent };
  }
  if (stream.startsWith(LANE_STREAM_PREFIX)) {
    return { of: 'lane', project: stream.slice(LANE_STREAM_PREFIX.length), event: event as RecordedLaneEvent };
  }
  if (stream.startsWith(POLICY_STREAM_PREFIX)) {
    return { of: 'policy', project: stream.slice(POLICY_STREAM_PREFIX.length), event: event as RecordedPolicyEvent };
  }
  return null;
}
