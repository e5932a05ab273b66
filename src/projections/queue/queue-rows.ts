import type { EventStore } from '../../application/ports/event-store';
import type { Clock } from '../../application/ports/clock';
import type { Projects } from '../../application/projects';
import type { TaskId } from '../../domain/ids';
import type { Instant } from '../../domain/instant';
import type { Lane } from '../../domain/lane/lane.decider';
import type { Explanation } from '../../domain/task/why';
import type { Past } from '../past';
import type { Cells } from '../projection';
import type { ReadModels, Snapshot } from '../read-models';
import { expectedTime, readHistory, type ExpectedTime, type History } from './expected-time';
import { explainTasks } from './explain-tasks';
import { QUEUE_LANE, QUEUE_POLICY, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import type { QueuePolicy } from './queue-policy.projector';
import type { QueueTask } from './queue-task.projector';

export interface QueueDeps {
  readonly models: ReadModels;
  readonly store: EventStore;
  readonly projects: Projects;
  readonly clock: Clock;
  /** Whether a process is there that moves the task, where that can be known. */
  readonly isConducted?: (task: TaskId) => boolean;
}

/** For what the queue showed at some time before. */
export interface PastQueueDeps extends QueueDeps {
  readonly past: Past;
}

/** The open tasks of some projects, and what surrounds them. */
export interface OpenQueue {
  readonly rows: readonly QueueTask[];
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly policies: ReadonlyMap<string, QueuePolicy>;
  readonly histories: ReadonlyMap<string, History>;
}

/** Why a task stands where it stands, and when to expect more. */
export type TaskWhy = Explanation & { readonly expected: ExpectedTime };

export async function readOpen(snapshot: Snapshot, project: string | null): Promise<OpenQueue> {
  let open = snapshot.rows<QueueTaskCells>(QUEUE_TASK.name).selectAll().where('isOpen', '=', 1);
  if (project !== null) open = open.where('project', '=', project);
  const rows = (await open.orderBy('key').execute()).map((cells) => QUEUE_TASK.decode({ ...cells }));
  const projects = project === null ? new Set(rows.map(({ task }) => task.project)) : [project];
  const histories = new Map<string, History>();
  for (const key of projects) histories.set(key, await readHistory(snapshot, key));
  return {
    rows,
    histories,
    lanes: await byProject(snapshot, QUEUE_LANE, project),
    policies: await byProject(snapshot, QUEUE_POLICY, project),
  };
}

/** Rows of a table that has one per project. */
export async function byProject<Row>(
  snapshot: Snapshot,
  table: { readonly name: string; decode(cells: Cells): Row },
  project: string | null,
): Promise<ReadonlyMap<string, Row>> {
  let rows = snapshot.rows<{ readonly key: string; readonly state: string }>(table.name).selectAll();
  if (project !== null) rows = rows.where('key', '=', project);
  return new Map((await rows.orderBy('key').execute()).map((cells) => [cells.key, table.decode({ ...cells })]));
}

/**
 * Why each of these tasks stands where it stands. The policy in force is the recorded one; the switches are this
 * process's own.
 */
export function explainOpen(
  open: OpenQueue,
  { projects, isConducted }: Pick<QueueDeps, 'projects' | 'isConducted'>,
  now: Instant,
): ReadonlyMap<TaskId, TaskWhy> {
  const explained = new Map<TaskId, TaskWhy>();
  for (const project of new Set(open.rows.map(({ task }) => task.project))) {
    const tasks = open.rows.map(({ task }) => task).filter((task) => task.project === project);
    const policy = open.policies.get(project)?.policy ?? projects.get(project)?.policy ?? null;
    const lane = open.lanes.get(project) ?? null;
    const some = explainTasks(tasks, { now, policy, lane, switches: projects.switches(project), isConducted });
    const history: History = open.histories.get(project) ?? new Map();
    for (const task of tasks) {
      const why = some.get(task.id);
      if (why) explained.set(task.id, { ...why, expected: expectedTime(task, why, history) });
    }
  }
  return explained;
}
