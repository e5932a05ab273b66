import { parseTaskId } from '../ids';
import { decimal, exactly, moment, oneOf, optional, text, whole, type Check, type Members } from '../shape';
import type { LaneEventData } from './lane.events';

const taskId: Check<string> = (value): value is string => typeof value === 'string' && parseTaskId(value) !== null;
const ended: Members<LaneEventData['LaneReleased']> = {
  epoch: decimal,
  taskId,
  reason: text,
  outcome: optional(oneOf({ landed: true, judged: true, infra: true, undeployed: true })),
};

/** What the data of every event has to be, in its newest version. */
export const LANE_EVENT_SHAPES: { readonly [T in keyof LaneEventData]: Members<LaneEventData[T]> } = {
  LaneGranted: { taskId, headOid: text, probe: optional(exactly(true)) },
  LaneReleased: ended,
  LaneReaped: ended,
  LanePaused: {
    cause: oneOf({ 'infra-rate': true, unmoved: true }),
    runs: whole,
    failures: whole,
    tasks: whole,
    heldMs: whole,
    from: moment,
    taskId,
    cooldownMs: whole,
    probeAt: moment,
  },
  LaneProbeFailed: { taskId, cooldownMs: whole, probeAt: moment },
  LaneAlertAnswered: {
    key: text,
    answer: oneOf({ acknowledged: true, closed: true }),
    by: text,
    note: optional(text),
  },
  LaneResumed: { how: oneOf({ probe: true, person: true, 'switched-off': true }), by: text, reason: text },
};
