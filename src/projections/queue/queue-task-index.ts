import { TaskIndex, type OpenTask, type OpenTasks } from '../../application/ports/task-index';
import { nextTurn } from '../following/next-turn';
import { parsePosition } from '../events/position';
import type { ReadModels } from '../read-models';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';

/** Read without a pause: some ten milliseconds, in which nobody else gets an answer. */
const PAGE = 5_000;

/** Open tasks from the queue. Before it has been built: none, and the whole log is still to be followed. */
export class QueueTaskIndex extends TaskIndex {
  /** @param catchUp brings the queue to the head; a stale index would be followed from further back, not wrongly. */
  constructor(
    private readonly models: ReadModels,
    private readonly catchUp: () => Promise<unknown>,
    private readonly pageSize = PAGE,
  ) {
    super();
  }

  async open(): Promise<OpenTasks> {
    await this.catchUp();
    const first = await this.pageAfter('');
    if (!first) return { tasks: [], position: 'start' };
    const tasks = [...first.tasks];
    // What the log says behind the first page's position will be followed: later pages may know of it already.
    for (let page = first.tasks; page.length === this.pageSize;) {
      await nextTurn();
      page = (await this.pageAfter(page.at(-1)?.id ?? ''))?.tasks ?? [];
      tasks.push(...page);
    }
    return { tasks, position: first.position };
  }

  private async pageAfter(id: string): Promise<{ tasks: readonly OpenTask[]; position: OpenTasks['position'] } | null> {
    const read = await this.models.readIfBuilt(QUEUE, async ({ position, rows }) => {
      const open = await rows<QueueTaskCells>(QUEUE_TASK.name)
        .select(['key', 'revision', 'claimUntil'])
        .where('turn', 'is not', null)
        .where('key', '>', id)
        .orderBy('key')
        .limit(this.pageSize)
        .execute();
      const tasks = open.map(({ key, revision, claimUntil }) => {
        return { id: key, revision: BigInt(revision), isClaimed: claimUntil !== null };
      });
      return { tasks, position: parsePosition(position) };
    });
    return read?.value ?? null;
  }
}
