import { parseTaskId, type TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { PositionText } from '../events/position';
import type { Snapshot } from '../read-models';
import { queueEntry, type QueueEntry } from './queue-entry';
import { QUEUE, QUEUE_DESCRIPTION, QUEUE_TASK, QUEUE_TASK_USAGE, type QueueTaskCells } from './queue.projection';
import type { QueueDescription } from './projectors/queue-description.projector';
import { roleUsage, type RoleUsage } from './role-usage';
import { explainRows, readAround, type QueueDeps, type TaskWhy } from './queue-rows';
import type { QueueTask } from './projectors/queue-task.projector';

/** One task in full: what the queue shows of it, and the state that its decisions are made from. */
export interface TaskView {
  readonly position: PositionText;
  readonly entry: QueueEntry;
  readonly state: Omit<SubmittedTask, 'revision'> & { readonly revision: string };
  /** What its agents took so far, by role. */
  readonly usage: readonly RoleUsage[];
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
  const state = { ...row.task, description: read.description, revision: String(row.task.revision) };
  return { position, entry: queueEntry(row, why), state, usage: read.usage };
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
  const around = await readAround(snapshot, [row], project);
  const description = await readDescription(snapshot, id);
  return { row, around, description, usage: await readUsage(snapshot, id), position: snapshot.position };
}

async function readDescription(snapshot: Snapshot, id: TaskId): Promise<string | null> {
  const cells = await snapshot
    .rows<QueueDescription & { readonly key: string }>(QUEUE_DESCRIPTION.name)
    .select('description')
    .where('key', '=', id)
    .executeTakeFirst();
  return cells?.description ?? null;
}

async function readUsage(snapshot: Snapshot, id: TaskId): Promise<readonly RoleUsage[]> {
  const cells = await snapshot
    .rows<{ readonly key: string; readonly state: string }>(QUEUE_TASK_USAGE.name)
    .select('state')
    .where('key', '=', id)
    .executeTakeFirst();
  return cells ? roleUsage([QUEUE_TASK_USAGE.decode({ ...cells })]) : [];
}
