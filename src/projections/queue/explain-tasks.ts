import type { Damage } from '../../domain/damage';
import type { TaskId } from '../../domain/ids';
import { epochMs, type Instant } from '../../domain/instant';
import type { Lane } from '../../domain/lane/lane.decider';
import type { ProjectPolicy } from '../../domain/policy/project-policy';
import type { Switches } from '../../domain/policy/switches';
import { isProbeDue, mayProbe, type LanePause } from '../../domain/lane/pause';
import { corrupt, nextStep } from '../../domain/task/next-step';
import type { Step } from '../../domain/task/next/step';
import type { SetAside } from '../../domain/task/task.commands';
import type { SubmittedTask } from '../../domain/task/task.state';
import { explain, type Explanation } from '../../domain/task/words/why';
import { inTurn, type Waiter } from '../../domain/turn';

/** What `nextStep` needs to know beside the task. */
export interface Around {
  readonly now: Instant;
  /** null: no policy was ever recorded, and this process has none for the project either. */
  readonly policy: ProjectPolicy | null;
  /** What keeps the project from new jobs; left out: nothing. */
  readonly policyDamage?: Damage | null;
  readonly switches: Switches;
  readonly lane: Lane | null;
  /** Who waits for the lane, in turn. */
  readonly line: readonly TaskId[];
  /** How many are before a task in the line for a slot; null, or left out: not known. */
  readonly aheadForSlot?: ((task: TaskId) => number | null) | undefined;
  /** Why nothing of the project is done; null when it is worked for. */
  readonly setAside: SetAside | null;
  /** Whether the repository lacks a branch, as far as this process knows; left out, it does not. */
  readonly isBranchGone?: ((branch: string) => boolean) | undefined;
  /** Whether a process is there that moves the task; left out, one is. */
  readonly isConducted?: ((task: TaskId) => boolean) | undefined;
}

/** A task that has a use for its project's lane. */
export interface LaneWaiter extends Waiter {
  readonly project: string;
  readonly deferredUntil: Instant | null;
}

/** Why the task stands where it stands. */
export function explainTask(task: SubmittedTask, around: Around): Explanation {
  const step = stepOf(task, around);
  if (step) return explain(step);
  return {
    status: 'blocked',
    code: 'no-next-step',
    text: `no policy is known for ${task.project}, or its log holds what this version cannot explain`,
    actor: 'person',
    next: `a person configures ${task.project} and starts the service, or audits the log`,
    since: task.stageSince,
    until: null,
    blockedBy: task.project,
    failure: null,
    do: `configure ${task.project} and start the service, or check the log with stagegate doctor`,
  };
}

/** What it depends on, beside their own streams, whether tasks wait for a lane. */
export type AroundLine = Pick<Around, 'now' | 'switches' | 'isConducted'>;

/** Those that would take the lane now, if it were free and their turn. */
export function waitersNow(
  waiters: readonly LaneWaiter[],
  { now, switches, isConducted = () => true }: AroundLine,
): readonly LaneWaiter[] {
  const isDue = (until: Instant | null) => until === null || epochMs(until) <= epochMs(now);
  const isOn = ({ hasLanded }: LaneWaiter) => !hasLanded || switches.deployFinalizer;
  return waiters.filter((each) => isDue(each.deferredUntil) && isOn(each) && isConducted(each.taskId));
}

/** Who waits for the lane now, the next one first. */
export function lineOf(waiters: readonly LaneWaiter[], around: AroundLine, pause: LanePause | null): readonly TaskId[] {
  const line = inTurn(waitersNow(waiters, around), around.now);
  const first = new Set(mayProbe(line, pause).map(({ taskId }) => taskId));
  return [...first, ...line.flatMap(({ taskId }) => (first.has(taskId) ? [] : [taskId]))];
}

/** @returns null when this program cannot tell: one odd task must not hide the others. */
function stepOf(task: SubmittedTask, around: Around): Step | null {
  const { now, policy, policyDamage = null, switches, lane, line, setAside, isConducted, isBranchGone } = around;
  if (!policy) {
    const damage = task.damage ?? policyDamage;
    return damage && corrupt(task, damage);
  }
  const isAbandoned = isConducted !== undefined && !isConducted(task.id);
  const grant = lane?.grant;
  const holder = grant ? { taskId: grant.taskId, epoch: grant.epoch } : null;
  try {
    const before = line.filter((id) => id !== holder?.taskId).indexOf(task.id);
    const ahead = before === -1 ? null : before;
    const pause = lane?.pause ?? null;
    // Before that nobody has a turn, and who looks after an interrupted landing needs none.
    const nextInLine = pause && !isProbeDue(pause, now) ? null : (line[0] ?? null);
    const laneView = { holder, nextInLine, ahead, pause, damage: lane?.damage ?? null };
    const aheadForSlot = around.aheadForSlot?.(task.id) ?? null;
    const known = { aheadForSlot, isAbandoned, isBranchGone: isBranchGone?.(task.branch) === true };
    return nextStep(task, now, policy, { lane: laneView, switches, setAside, ...known, policyDamage });
  } catch {
    // A state that no command leads to, so the log was written by something else; said in the explanation.
    return null;
  }
}
