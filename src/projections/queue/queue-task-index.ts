import { TaskIndex, type OpenTasks } from '../../application/ports/task-index';
import { parsePosition } from '../position';
import type { ReadModels } from '../read-models';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';

/** Open tasks from the queue. Before it has been built: none, and the whole log is still to be followed. */
export class QueueTaskIndex extends TaskIndex {
  /** @param catchUp brings the queue to the head; a stale index would be followed from further back, not wrongly. */
  constructor(
    private readonly models: ReadModels,
    private readonly catchUp: () => Promise<unknown>,
  ) {
    super();
  }

  async open(): Promise<OpenTasks> {
    await this.catchUp();
    const read = await this.models.readIfBuilt(QUEUE, async ({ position, rows }) => {
      const open = await rows<QueueTaskCells>(QUEUE_TASK.name)
        .select(['key', 'revision', 'claimUntil'])
        .where('turn', 'is not', null)
        .orderBy('key')
        .execute();
      const tasks = open.map(({ key, revision, claimUntil }) => {
        return { id: key, revision: BigInt(revision), isClaimed: claimUntil !== null };
      });
      return { tasks, position: parsePosition(position) };
    });
    return read?.value ?? { tasks: [], position: 'start' };
  }
}
