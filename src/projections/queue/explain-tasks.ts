import type { TaskId } from '../../domain/ids';
import type { Instant } from '../../domain/instant';
import { nextInLine, type Lane } from '../../domain/lane/lane.decider';
import type { ProjectPolicy, Switches } from '../../domain/policy/project-policy';
import { laneNeed } from '../../domain/task/job';
import { nextStep, type Step } from '../../domain/task/next-step';
import type { SubmittedTask } from '../../domain/task/task.state';
import { explain, type Explanation } from '../../domain/task/why';

/** What `nextStep` needs to know beside the tasks of one project. */
export interface Around {
  readonly now: Instant;
  /** null: no policy was ever recorded, and this process has none for the project either. */
  readonly policy: ProjectPolicy | null;
  readonly switches: Switches;
  readonly lane: Lane | null;
  /** Whether a process is there that moves the task; left out, one is. */
  readonly isConducted?: ((task: TaskId) => boolean) | undefined;
}

/** Why each task stands where it stands. The tasks are all open ones of one project: whose turn it is depends on them. */
export function explainTasks(tasks: readonly SubmittedTask[], around: Around): ReadonlyMap<TaskId, Explanation> {
  const steps = new Map(tasks.map((task) => [task, stepOf(task, around, null)] as const));
  const turn = turnOf(steps, around.now);
  return new Map(
    tasks.map((task) => {
      const step = steps.get(task) ?? null;
      const waits = step !== null && wantsLane(step) && turn !== task.id;
      return [task.id, explainStep(task, waits ? stepOf(task, around, turn) : step)];
    }),
  );
}

/** @returns null when this program cannot tell: one odd task must not hide the others. */
function stepOf(task: SubmittedTask, around: Around, turn: TaskId | null): Step | null {
  const { now, policy, switches, lane, isConducted } = around;
  if (!policy) return null;
  const isAbandoned = isConducted !== undefined && !isConducted(task.id);
  const grant = lane?.grant;
  const holder = grant ? { taskId: grant.taskId, epoch: grant.epoch } : null;
  try {
    return nextStep(task, now, policy, { lane: { holder, nextInLine: turn }, switches, isAbandoned });
  } catch {
    // A state that no command leads to, so the log was written by something else; said in the explanation.
    return null;
  }
}

function turnOf(steps: ReadonlyMap<SubmittedTask, Step | null>, now: Instant): TaskId | null {
  const candidates = [...steps]
    .filter(([, step]) => step !== null && wantsLane(step))
    .map(([{ id, priority, stageSince }]) => ({ taskId: id, priority, since: stageSince }));
  return nextInLine(candidates, now)?.taskId ?? null;
}

function wantsLane(step: Step): boolean {
  return step.kind === 'run' && laneNeed(step.job) !== 'none';
}

function explainStep(task: SubmittedTask, step: Step | null): Explanation {
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
  };
}
