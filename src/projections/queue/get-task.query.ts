import { parseTaskId, type TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { PositionText } from '../events/position';
import type { Snapshot } from '../read-models';
import { queueEntry, type QueueEntry } from './queue-entry';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import { explainRows, readAround, type QueueDeps, type TaskWhy } from './queue-rows';
import type { QueueTask } from './projectors/queue-task.projector';

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
  const reliable = (await deps.damage?.checkTask(id)) ?? null;
  const read = await deps.models.read(QUEUE, (snapshot) => readTask(snapshot, id, project));
  if (!read) return null;
  const { around, position } = read;
  const row = reliable ? { ...read.row, task: reliable } : read.row;
  const why = explainRows({ ...around, rows: [row] }, deps, instant(deps.clock.now())).get(id);
  if (!why) return null;
  return { position, entry: queueEntry(row, why), state: { ...row.task, revision: String(row.task.revision) } };
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
