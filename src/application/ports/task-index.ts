import type { TaskId } from '../../domain/ids';
import type { Position } from './event-store';

export interface OpenTasks {
  /** Tasks that have not reached a final stage. */
  readonly taskIds: readonly TaskId[];
  /** The log up to here is reflected; whoever follows from here misses nothing. */
  readonly position: Position | 'start';
}

/** Which tasks there are to look at. A hint for the conductor: every decision re-reads the task's own stream. */
export abstract class TaskIndex {
  abstract open(): Promise<OpenTasks>;
}
