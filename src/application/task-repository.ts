import { taskStream } from '../domain/ids';
import { evolve } from '../domain/task/evolve';
import { TASK_EVENT_VERSIONS, type TaskEvent } from '../domain/task/task.events';
import { initialTask, type Task } from '../domain/task/task.state';
import { foldOne, nothingFolded, type Folded, type StreamKind } from './stream-kind';
import { StreamRepository, type StreamDeps } from './stream-repository';
import type { EventStore, StoredEvent } from './ports/event-store';
import { readTaskEvent } from './read-events';

export type LoadedTask = Folded<Task>;

const TASKS: StreamKind<Task, TaskEvent> = {
  streamOf: taskStream,
  versions: TASK_EVENT_VERSIONS,
  initial: initialTask(),
  read: readTaskEvent,
  evolve,
  damageOf: (task) => (task.kind === 'submitted' ? task.damage : null),
  remembered: 2_000,
  remembersNothing: false,
};

/** Of a stream nobody has read yet. */
export const NOTHING_LOADED: LoadedTask = nothingFolded(TASKS);

/** Reads tasks by folding their streams, and remembers where it stopped. */
export class TaskRepository extends StreamRepository<Task, TaskEvent> {
  constructor(store: EventStore, options: Omit<StreamDeps, 'store'> = {}) {
    super(TASKS, { store, ...options });
  }
}

export function foldStored(loaded: LoadedTask, stored: StoredEvent): LoadedTask {
  return foldOne(TASKS, loaded, stored, null);
}
