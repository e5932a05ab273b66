import type { TaskId } from '../../domain/ids';
import type { Instant } from '../../domain/instant';
import { mayProbe, type LanePause } from '../../domain/lane/pause';
import { needsLane } from '../../domain/task/job';
import type { Step } from '../../domain/task/next/step';
import type { SubmittedTask } from '../../domain/task/task.state';
import { nextInLine, type Waiter } from '../../domain/turn';

/** The tasks this process knows to want a lane. Only an order of preference: the lane's stream decides who gets it. */
export class LaneQueue {
  private readonly waiting = new Map<string, Map<TaskId, Waiter>>();

  /** Notes what the task's next step says about the lane. @returns whose turn it is; null when nobody wants the lane. */
  update(task: SubmittedTask, step: Step, now: Instant, pause: LanePause | null = null): TaskId | null {
    const candidates = this.waiting.get(task.project) ?? new Map<TaskId, Waiter>();
    this.waiting.set(task.project, candidates);
    if (isForLane(step)) candidates.set(task.id, waiterOf(task));
    else candidates.delete(task.id);
    return nextInLine(mayProbe([...candidates.values()], pause), now)?.taskId ?? null;
  }

  of(project: string): readonly TaskId[] {
    return [...(this.waiting.get(project)?.keys() ?? [])];
  }
}

/** It waits for lane and slots since it came to its stage, whatever it did there in between. */
export function waiterOf({ id, priority, stageSince, landed }: SubmittedTask): Waiter {
  return { taskId: id, priority, since: stageSince, hasLanded: landed !== null };
}

function isForLane(step: Step): boolean {
  if (step.kind === 'run') return needsLane(step.job);
  // Whoever waits for another task to land must not stand before it.
  return step.kind === 'wait' && (step.until === null || step.why.code === 'lane-paused') && step.on === undefined;
}
