import type { Instant } from '../../domain/instant';
import type { Stage } from '../../domain/task/pipeline';
import { jobKey, type JobKey } from '../../domain/task/job';
import type { TaskStatus } from '../../domain/task/words/why';
import type { TaskWhy } from './queue-rows';
import { attemptOf, type QueueTask } from './projectors/queue-task.projector';

/** A task as the queue shows it. */
export interface QueueEntry {
  readonly id: string;
  readonly project: string;
  readonly title: string;
  readonly branch: string;
  readonly headOid: string | null;
  readonly priority: number;
  readonly stage: Stage;
  readonly status: TaskStatus;
  /** Job that is running. */
  readonly job: JobKey | null;
  /** Worker that runs it. */
  readonly owner: string | null;
  /** Which run of its job this is or was, in this stay at the stage; 0 before the first. */
  readonly attempt: number;
  /** Since when the task is at its stage. */
  readonly since: Instant;
  readonly nextRetry: Instant | null;
  readonly why: TaskWhy;
  /** Revision of the task's stream. */
  readonly revision: string;
}

export function queueEntry(row: QueueTask, why: TaskWhy): QueueEntry {
  const { task } = row;
  return {
    id: task.id,
    project: task.project,
    title: task.title,
    branch: task.branch,
    headOid: task.headOid,
    priority: task.priority,
    stage: task.stage,
    status: why.status,
    job: task.claim ? jobKey(task.claim.job) : null,
    owner: task.claim?.worker ?? null,
    attempt: attemptOf(row),
    since: task.stageSince,
    nextRetry: why.status === 'deferred' ? why.until : null,
    why,
    revision: String(task.revision),
  };
}
