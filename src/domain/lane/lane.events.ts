import type { Fact } from '../fact';
import type { Oid, TaskId } from '../ids';
import type { Instant } from '../instant';
import type { LaneEpoch } from '../task/task.events';

/**
 * What a task's stay in the lane came to. `infra` says nothing about the change, `judged` and `landed` do; `undeployed` has landed,
 * and then the machine failed its deploy.
 */
export type LaneOutcome = 'landed' | 'judged' | 'infra' | 'undeployed';

/** Which breaker opened. */
export type BreakerCause = 'infra-rate' | 'unmoved';

/** What opened it, in figures. */
export interface BreakerFigures {
  readonly cause: BreakerCause;
  /** Stays that were looked at, and how many of them ended by infrastructure. */
  readonly runs: number;
  readonly failures: number;
  /** Different tasks among the failures. */
  readonly tasks: number;
  /** For how long the failures had the lane. */
  readonly heldMs: number;
  /** When the first of the failures ended. */
  readonly from: Instant;
}

/** `outcome`: what the last run under the grant came to; left out where it came to nothing. */
interface Ended {
  epoch: LaneEpoch;
  taskId: TaskId;
  reason: string;
  outcome?: LaneOutcome;
}

export interface LaneEventData {
  /** `probe`: the lane is paused, and this task finds out whether it has to be. */
  LaneGranted: { taskId: TaskId; headOid: Oid; probe?: true };
  LaneReleased: Ended;
  LaneReaped: Ended;
  /** `taskId`: whose end it was that opened the breaker. Nobody gets the lane before `probeAt`. */
  LanePaused: BreakerFigures & { taskId: TaskId; cooldownMs: number; probeAt: Instant };
  LaneProbeFailed: { taskId: TaskId; cooldownMs: number; probeAt: Instant };
  /** A person has seen the alert of the pause, or says that it is over; the lane is as it was. */
  LaneAlertAnswered: { key: string; answer: 'acknowledged' | 'closed'; by: string; note?: string };
  LaneResumed: { how: 'probe' | 'person' | 'switched-off'; by: string; reason: string };
}
export type LaneEventType = keyof LaneEventData;
export type LaneEvent = { [T in LaneEventType]: Fact<T, LaneEventData[T]> }[LaneEventType];

export const LANE_EVENT_VERSIONS: Readonly<Record<LaneEventType, number>> = Object.freeze({
  LaneGranted: 1,
  LaneReleased: 1,
  LaneReaped: 1,
  LanePaused: 1,
  LaneProbeFailed: 1,
  LaneAlertAnswered: 1,
  LaneResumed: 1,
});
