import type { TaskId } from '../../domain/ids';
import { endOfDependency, openDependencies } from '../../domain/task/dependencies';
import type { TaskEventType } from '../../domain/task/task.events';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { StoredEvent } from '../ports/event-store';
import type { Project } from '../projects';
import type { TaskRepository } from '../task-repository';

export interface DependenciesDeps {
  readonly tasks: TaskRepository;
  readonly executor: TaskExecutor;
  readonly contextOf: (project: Project) => ContextOf;
}

/** After one of them a task may have come to its end. */
const ENDING: ReadonlySet<string> = new Set<TaskEventType>([
  'StageAdvanced',
  'TaskLanded',
  'TaskCancelled',
  'TaskRejected',
]);

/**
 * Tasks that wait for others to land. Who waits is noted before the other's stream is read, and its events come later than what
 * was read: no end is missed. What has ended is recorded in the stream of the task that waits, so that its own log explains it.
 */
export class Dependencies {
  private readonly waiting = new Map<TaskId, Set<TaskId>>();

  constructor(private readonly deps: DependenciesDeps) {}

  /** @returns whether something was recorded: the task is to be looked at again. */
  async takeNote(task: SubmittedTask, project: Project): Promise<boolean> {
    const { tasks, executor, contextOf } = this.deps;
    for (const id of openDependencies(task)) {
      this.waiting.set(id, (this.waiting.get(id) ?? new Set()).add(task.id));
      const { state } = await tasks.load(id);
      const end = endOfDependency(state);
      if (end === null) continue;
      await executor.execute(task.id, { type: 'EndDependency', data: { taskId: id, end } }, contextOf(project), {
        commandId: ({ revision }) => `${task.id}@${revision}:EndDependency:${id}`,
      });
      return true;
    }
    return false;
  }

  /** @returns the tasks that may go on by this event of another one. */
  waitersAfter(task: TaskId, { type }: Pick<StoredEvent, 'type'>): readonly TaskId[] {
    return ENDING.has(type) ? [...(this.waiting.get(task) ?? [])] : [];
  }

  /** The task waits for none any more. */
  forget(task: TaskId): void {
    for (const [id, waiters] of this.waiting) {
      waiters.delete(task);
      if (waiters.size === 0) this.waiting.delete(id);
    }
  }
}
