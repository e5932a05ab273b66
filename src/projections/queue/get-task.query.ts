import { parseTaskId, type TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { PositionText } from '../position';
import type { Snapshot } from '../read-models';
import { queueEntry, type QueueEntry } from './queue-entry';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import { explainRows, readAround, withDamage, type QueueDeps, type TaskWhy } from './queue-rows';
import type { QueueTask } from './queue-task.projector';

/** One task in full: what the queue shows of it, and the state that its decisions are made from. */
export interface TaskView {
  readonly position: PositionText;
  readonly entry: QueueEntry;
  readonly state: Omit<SubmittedTask, 'revision'> & { readonly revision: string };
}

export type WhyView = TaskWhy & {
  readonly id: TaskId;
  readonly stage: SubmittedTask['stage'];
  readonly position: PositionText;
};

/** @returns null when there is no such task. */
export async function getTask(deps: QueueDeps, id: TaskId): Promise<TaskView | null> {
  const project = parseTaskId(id)?.project;
  if (project === undefined) return null;
  await deps.damage?.checkTask(id);
  const read = await deps.models.read(QUEUE, (snapshot) => readTask(snapshot, id, project));
  if (!read) return null;
  const { row, around, position } = read;
  const why = explainRows(around, deps, instant(deps.clock.now())).get(id);
  if (!why) return null;
  const task = withDamage(row.task, deps.damage);
  return { position, entry: queueEntry({ ...row, task }, why), state: { ...task, revision: String(task.revision) } };
}

/** @returns null when there is no such task. */
export async function getWhy(deps: QueueDeps, id: TaskId): Promise<WhyView | null> {
  const view = await getTask(deps, id);
  return view && { id, stage: view.entry.stage, position: view.position, ...view.entry.why };
}

async function readTask(snapshot: Snapshot, id: TaskId, project: string) {
  const cells = await snapshot
    .rows<QueueTaskCells>(QUEUE_TASK.name)
    .selectAll()
    .where('key', '=', id)
    .executeTakeFirst();
  if (!cells) return null;
  const row: QueueTask = QUEUE_TASK.decode({ ...cells });
  return { row, around: await readAround(snapshot, [row], project), position: snapshot.position };
}
