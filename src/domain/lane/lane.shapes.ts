import { parseTaskId } from '../ids';
import { decimal, text, type Check, type Members } from '../shape';
import type { LaneEventData } from './lane.events';

const taskId: Check<string> = (value): value is string => typeof value === 'string' && parseTaskId(value) !== null;

/** What the data of every event has to be, in its newest version. */
export const LANE_EVENT_SHAPES: { readonly [T in keyof LaneEventData]: Members<LaneEventData[T]> } = {
  LaneGranted: { taskId, headOid: text },
  LaneReleased: { epoch: decimal, taskId, reason: text },
  LaneReaped: { epoch: decimal, taskId, reason: text },
};
