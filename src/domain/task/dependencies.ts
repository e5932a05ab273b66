import { parseTaskId, type TaskId } from '../ids';
import type { DependencyEnd } from './task.events';
import type { SubmittedTask, Task } from './task.state';

/** So that a person can read them, and a look stays a few reads. */
export const MOST_DEPENDENCIES = 20;

/** Completes "expected …". */
export const A_DEPENDENCY_LIST = `at most ${MOST_DEPENDENCIES} tasks as <project>.<task>, each once`;

export function isDependencyList(ids: readonly unknown[]): boolean {
  const isTask = (id: unknown) => typeof id === 'string' && parseTaskId(id) !== null;
  return ids.length <= MOST_DEPENDENCIES && new Set(ids).size === ids.length && ids.every(isTask);
}

/** Those whose end the task has not taken note of. */
export function openDependencies({ dependsOn }: Pick<SubmittedTask, 'dependsOn'>): readonly TaskId[] {
  return dependsOn.flatMap(({ taskId, end }) => (end === null ? [taskId] : []));
}

/** How a task has ended for those that depend on it; null while it has not. What is true of it once stays true. */
export function endOfDependency(task: Task): DependencyEnd | null {
  if (task.kind === 'unknown' || task.damage) return null;
  if (task.landed || task.stage === 'done') return 'landed';
  return task.stage === 'cancelled' || task.stage === 'rejected' ? task.stage : null;
}
