import type { TaskEvent } from '../task.events';
import type { SubmittedTask } from '../task.state';

/** Claims of one step whose owners may still come back; the newest of them. More would only make states larger. */
const MOST_LATE = 3;

/** After anything else the step has an answer, or is another one: nobody waits for what was begun before. */
const LEAVES_STEP_OPEN: ReadonlySet<TaskEvent['type']> = new Set([
  'TransitionClaimed',
  'ClaimExtended',
  'ClaimReleased',
  'TransitionReaped',
  'StaleResultRefused',
  'ToolErrored',
  'RunDeferred',
  'BranchRebased',
  'DeployBegun',
  'TaskHeld',
  'TaskReleased',
  'BudgetRenewed',
  'PriorityChanged',
  'AlertRaised',
  'AlertAcknowledged',
  'TaskAnnotated',
]);

/** Folds the claims that were taken away, as long as their step has no answer. */
export function takenAwayAfter(task: SubmittedTask, { type }: TaskEvent): SubmittedTask['takenAway'] {
  const { takenAway, claim } = task;
  if (type === 'TransitionReaped' && claim) return [...takenAway, claim].slice(-MOST_LATE);
  return takenAway.length === 0 || LEAVES_STEP_OPEN.has(type) ? takenAway : [];
}
