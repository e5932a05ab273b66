import type { Fact } from '../fact';
import type { Oid, TaskId } from '../ids';
import type { LaneEpoch } from '../task/task.events';

export interface LaneEventData {
  LaneGranted: { taskId: TaskId; headOid: Oid };
  LaneReleased: { epoch: LaneEpoch; taskId: TaskId; reason: string };
  LaneReaped: { epoch: LaneEpoch; taskId: TaskId; reason: string };
}
export type LaneEventType = keyof LaneEventData;
export type LaneEvent = { [T in LaneEventType]: Fact<T, LaneEventData[T]> }[LaneEventType];

export const LANE_EVENT_VERSIONS: Readonly<Record<LaneEventType, number>> = Object.freeze({
  LaneGranted: 1,
  LaneReleased: 1,
  LaneReaped: 1,
});
