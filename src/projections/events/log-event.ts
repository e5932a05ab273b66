import type { Unreadable } from '../../domain/damage';
import type { Envelope, Fact } from '../../domain/fact';
import type { TaskId } from '../../domain/ids';
import type { LaneEvent } from '../../domain/lane/lane.events';
import type { PolicyEvent } from '../../domain/policy/policy.events';
import type { SwitchEvent } from '../../domain/policy/switches.events';
import {
  DELIVERY_PREFIXES,
  LANE_STREAM_PREFIX,
  POLICY_STREAM_PREFIX,
  subscriberStream,
  SWITCH_STREAM_PREFIX,
  TASK_STREAM_PREFIX,
} from '../../domain/ids';
import type { SubscriberEvent } from '../../domain/subscriber/subscriber.events';
import type { TaskEvent } from '../../domain/task/task.events';

/** What projectors see of an event beside what it says: making a whole envelope of each takes longer than most projectors. */
export type SeenEnvelope = Pick<Envelope, 'revision' | 'occurredAt' | 'actor' | 'worker' | 'policyDigest'>;
type Seen<Event extends Fact<string, unknown>> = Event & { readonly envelope: SeenEnvelope };

export type SeenTaskEvent = Seen<TaskEvent | Unreadable>;
export type SeenLaneEvent = Seen<LaneEvent | Unreadable>;
export type SeenPolicyEvent = Seen<PolicyEvent | Unreadable>;
export type SeenSwitchEvent = Seen<SwitchEvent | Unreadable>;

/** An event of the log in its newest shape, or what stands for one that cannot be read. */
export type LogEvent =
  | { readonly of: 'task'; readonly taskId: TaskId; readonly project: string; readonly event: SeenTaskEvent }
  | { readonly of: 'lane'; readonly project: string; readonly event: SeenLaneEvent }
  | { readonly of: 'policy'; readonly project: string; readonly event: SeenPolicyEvent }
  | { readonly of: 'switches'; readonly project: string; readonly event: SeenSwitchEvent }
  /** Of who delivers alerts. What cannot be read of it says nothing about any project. */
  | {
      readonly of: 'delivery';
      readonly project: '';
      readonly subscriber: string;
      readonly event: Seen<SubscriberEvent>;
    }
  /** In a stream that belongs to no task that can be. */
  | { readonly of: 'stray'; readonly project: ''; readonly event: Seen<Unreadable> };

/** The streams that read models are made from. */
export const PROJECTED_PREFIXES: readonly string[] = [
  TASK_STREAM_PREFIX,
  LANE_STREAM_PREFIX,
  POLICY_STREAM_PREFIX,
  SWITCH_STREAM_PREFIX,
  ...DELIVERY_PREFIXES.map(subscriberStream),
];
