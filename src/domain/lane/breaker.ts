import type { TaskId } from '../ids';
import { epochMs, type Instant } from '../instant';
import type { BreakerPolicy } from '../policy/project-policy';
import type { BreakerCause, BreakerFigures, LaneOutcome } from './lane.events';

/** One stay in the lane that came to something. */
export interface LaneEnd {
  readonly at: Instant;
  readonly taskId: TaskId;
  readonly outcome: LaneOutcome;
  /** For how long the task had the lane. */
  readonly heldMs: number;
}

/** With fewer it may be one change that hangs its suite: that is for its own budget, and no reason to stop the others. */
export const TASKS_NEEDED = 3;
/** Stays that are kept: no breaker looks at more. */
export const ENDS_KEPT = 100;
/** The pause between two probes is doubled at each that fails, up to this many times the first. */
const LONGEST_COOLDOWN = 8;

/**
 * Whether the lane is to pause, from the stays that are on record. A red or a conflict is a judgement: it never opens a
 * breaker, and it closes the account of the stays before it, as main did not stand still for want of a working machine.
 */
export function opened(ends: readonly LaneEnd[], policy: BreakerPolicy, now: Instant): BreakerFigures | null {
  return byRate(ends, policy, now) ?? byStandstill(ends, policy);
}

function byRate(ends: readonly LaneEnd[], { windowMs, minRuns, rate }: BreakerPolicy, now: Instant) {
  const recent = ends.filter(({ at }) => epochMs(now) - epochMs(at) < windowMs);
  const figures = figuresOf('infra-rate', recent);
  if (!figures || recent.length < minRuns || figures.tasks < TASKS_NEEDED) return null;
  return figures.failures >= rate * recent.length ? figures : null;
}

/** Whether it was the machine that failed it. */
export function isOfMachine(outcome: LaneOutcome | null): boolean {
  return outcome === 'infra' || outcome === 'undeployed';
}

/** The lane was busy, main did not move, and no change was to blame: as slow failures never are many in one window. */
function byStandstill(ends: readonly LaneEnd[], { unmovedMs }: BreakerPolicy) {
  const since = ends.slice(ends.findLastIndex(({ outcome }) => outcome !== 'infra') + 1);
  const figures = figuresOf('unmoved', since);
  return figures && figures.tasks >= TASKS_NEEDED && figures.heldMs >= unmovedMs ? figures : null;
}

function figuresOf(cause: BreakerCause, ends: readonly LaneEnd[]): BreakerFigures | null {
  const failed = ends.filter(({ outcome }) => isOfMachine(outcome));
  const [first] = failed;
  if (!first) return null;
  return {
    cause,
    runs: ends.length,
    failures: failed.length,
    tasks: new Set(failed.map(({ taskId }) => taskId)).size,
    heldMs: failed.reduce((sum, { heldMs }) => sum + heldMs, 0),
    from: first.at,
  };
}

export function nextCooldownMs(lastMs: number, { cooldownMs }: BreakerPolicy): number {
  return Math.min(2 * lastMs, LONGEST_COOLDOWN * cooldownMs);
}
