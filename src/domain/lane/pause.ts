import { isWaitOver, plusMs, type Instant } from '../instant';
import type { AlertState } from '../alerts/alert-state';
import type { TaskId } from '../ids';
import type { BreakerPolicy } from '../policy/project-policy';
import type { LaneEpoch } from '../task/task.events';
import type { Waiter } from '../turn';
import { nextCooldownMs } from './breaker';
import type { BreakerFigures, LaneEvent, LaneEventData, LaneOutcome } from './lane.events';

/** A lane that nobody gets for the time being. */
export interface LanePause extends BreakerFigures {
  readonly since: Instant;
  /** Since when the present cooldown runs. */
  readonly restsSince: Instant;
  readonly cooldownMs: number;
  /** From then on one task is let in. */
  readonly probeAt: Instant;
  /** Of its alert. */
  readonly alert: { readonly revision: string; readonly state: AlertState };
  /** The grant of the task that is in; null while none is. */
  readonly probe: LaneEpoch | null;
  /** How many probes have failed. */
  readonly failedProbes: number;
  /** Tasks of which one has: it may be their own doing. */
  readonly failedBy: readonly TaskId[];
}

export function pausedBy(data: LaneEventData['LanePaused'], at: Instant, revision: string): LanePause {
  const { cause, runs, failures, tasks, heldMs, from, cooldownMs, probeAt } = data;
  const figures = { cause, runs, failures, tasks, heldMs, from };
  const alert = { revision, state: 'raised' } as const;
  return {
    ...figures,
    alert,
    since: at,
    restsSince: at,
    cooldownMs,
    probeAt,
    probe: null,
    failedProbes: 0,
    failedBy: [],
  };
}

export function afterFailedProbe(
  pause: LanePause,
  { taskId, cooldownMs, probeAt }: LaneEventData['LaneProbeFailed'],
  at: Instant,
): LanePause {
  const failedBy = [...pause.failedBy.filter((id) => id !== taskId), taskId].slice(-TASKS_KEPT);
  return { ...pause, restsSince: at, cooldownMs, probeAt, probe: null, failedProbes: pause.failedProbes + 1, failedBy };
}

/** Names that are kept: more tasks than ever fail one after the other. */
const TASKS_KEPT = 100;

/**
 * Those who wait, without those whose probe has failed where there are others: a task that the machine fails for a reason of
 * its own would be the probe again and again, and keep all the others from the lane. Not so one that has landed: whoever goes
 * before it lands on top of it, and its deploy is lost.
 */
export function mayProbe<W extends Pick<Waiter, 'taskId' | 'hasLanded'>>(
  waiters: readonly W[],
  pause: Pick<LanePause, 'failedBy'> | null,
): readonly W[] {
  if (!pause) return waiters;
  const others = waiters.filter(({ taskId, hasLanded }) => hasLanded || !pause.failedBy.includes(taskId));
  return others.length > 0 ? others : waiters;
}

/** True when the next task may find out whether the lane works again. */
export function isProbeDue({ probe, probeAt, restsSince }: LanePause, now: Instant): boolean {
  return probe === null && isWaitOver({ since: restsSince, until: probeAt }, now);
}

/** What the end of a probe leads to. One that came to nothing has shown nothing: the next one may go. */
export function afterProbe(
  pause: LanePause,
  taskId: string,
  outcome: LaneOutcome | null,
  { at, by, breaker }: { readonly at: Instant; readonly by: string; readonly breaker: BreakerPolicy },
): readonly LaneEvent[] {
  if (outcome === null) return [];
  if (outcome !== 'infra') {
    const reason = `${taskId} got through the lane`;
    return [{ type: 'LaneResumed', data: { how: 'probe', by, reason } }];
  }
  const cooldownMs = nextCooldownMs(pause.cooldownMs, breaker);
  return [{ type: 'LaneProbeFailed', data: { taskId, cooldownMs, probeAt: plusMs(at, cooldownMs) } }];
}

type Answer = LaneEventData['LaneAlertAnswered'];

/** Whether an answer says of the alert of this pause what nobody has said before. */
export function isNewAnswer({ alert }: LanePause, { key, answer }: Answer): boolean {
  return key.endsWith(`:${alert.revision}`) && alert.state !== answer && alert.state !== 'closed';
}

export function afterAnswer(pause: LanePause, data: Answer): LanePause {
  return isNewAnswer(pause, data) ? { ...pause, alert: { ...pause.alert, state: data.answer } } : pause;
}
