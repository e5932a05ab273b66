import type { Revision } from '../../domain/fact';
import type { TaskId } from '../../domain/ids';
import type { Position } from './event-store';

export interface OpenTask {
  readonly id: TaskId;
  /** Of its latest event in the log as far as it is reflected. */
  readonly revision: Revision;
  /** Whether a claim is open, as of that event. */
  readonly isClaimed: boolean;
}

export interface OpenTasks {
  /** Tasks that have not reached a final stage. */
  readonly tasks: readonly OpenTask[];
  /** The log up to here is reflected; whoever follows from here misses nothing. */
  readonly position: Position | 'start';
}

/** Which tasks there are to look at. A hint for the conductor: every decision re-reads the task's own stream. */
export abstract class TaskIndex {
  abstract open(): Promise<OpenTasks>;
}
