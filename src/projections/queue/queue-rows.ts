import type { EventStore } from '../../application/ports/event-store';
import type { Clock } from '../../application/ports/clock';
import type { Projects } from '../../application/projects';
import type { SeenDamage } from '../../application/known-damage';
import type { SlotLines } from '../../application/slot-lines';
import type { Subscribers } from '../../application/subscribers/subscribers';
import type { SubmittedTask } from '../../domain/task/task.state';
import { laneStream, policyStream, switchStream, taskStream, type TaskId } from '../../domain/ids';
import type { Instant } from '../../domain/instant';
import { initialLane, type Lane } from '../../domain/lane/lane.decider';
import { NOTHING_SET, type SwitchSettings } from '../../domain/policy/switches.decider';
import { onOrOff } from '../../domain/policy/switches-in-force';
import type { Explanation } from '../../domain/task/words/why';
import type { SeenPast } from '../past/past';
import type { Cells } from '../projection';
import type { SeenModels, Snapshot } from '../read-models';
import { expectedTime, readHistory, type ExpectedTime, type History } from './expected-time';
import { explainTask, lineOf, type LaneWaiter } from './explain-tasks';
import { QUEUE_LANE, QUEUE_POLICY, QUEUE_SWITCH, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import type { QueuePolicy } from './projectors/queue-policy.projector';
import type { QueueTask } from './projectors/queue-task.projector';

export interface QueueDeps {
  readonly models: SeenModels;
  readonly store: EventStore;
  readonly projects: Projects;
  readonly clock: Clock;
  /** What is set aside is known of now only. */
  readonly isPast?: boolean;
  /** Whether a process is there that moves the task, where that can be known. */
  readonly isConducted?: (task: TaskId) => boolean;
  /** Of this process; left out where it moves no task. */
  readonly slotLines?: SlotLines;
  /** Of this process; left out where it has none. */
  readonly subscribers?: Pick<Subscribers, 'views' | 'names'>;
  /** What this process has found it cannot rely on, beside what the read models have. */
  readonly damage?: SeenDamage;
}

/** For what the queue showed at some time before. */
export interface PastQueueDeps extends QueueDeps {
  readonly past: SeenPast;
}

/** Some tasks, and what surrounds them: of their projects and perhaps of others. */
export interface Surrounded {
  readonly rows: readonly QueueTask[];
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly waiters: readonly LaneWaiter[];
  readonly policies: ReadonlyMap<string, QueuePolicy>;
  readonly switches: ReadonlyMap<string, SwitchSettings>;
  /** Of the tasks' projects. */
  readonly histories: ReadonlyMap<string, History>;
}

/** Why a task stands where it stands, and when to expect more. */
export type TaskWhy = Explanation & { readonly expected: ExpectedTime };

/** @param project whose surroundings; null for those of every project. */
export async function readAround(
  snapshot: Snapshot,
  rows: readonly QueueTask[],
  project: string | null,
): Promise<Surrounded> {
  const histories = new Map<string, History>();
  for (const key of new Set(rows.map(({ task }) => task.project))) {
    histories.set(key, await readHistory(snapshot, key));
  }
  return {
    rows,
    histories,
    waiters: await readWaiters(snapshot, project),
    lanes: await byProject(snapshot, QUEUE_LANE, project),
    policies: await byProject(snapshot, QUEUE_POLICY, project),
    switches: await byProject(snapshot, QUEUE_SWITCH, project),
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

/** Tasks of a project that have a use for its lane, by id. Whose turn it is depends on all of them. */
async function readWaiters(snapshot: Snapshot, project: string | null): Promise<readonly LaneWaiter[]> {
  let rows = snapshot
    .rows<QueueTaskCells>(QUEUE_TASK.name)
    .select(['key', 'project', 'priority', 'laneSince', 'hasLanded', 'deferredUntil'])
    .where('laneSince', 'is not', null);
  if (project !== null) rows = rows.where('project', '=', project);
  const waiters = (await rows.execute()).map(({ key, laneSince, hasLanded, ...row }) => ({
    ...row,
    taskId: key,
    since: laneSince ?? '',
    hasLanded: hasLanded === 1,
  }));
  // Not by the database: to have them in order it goes through all tasks instead of these few.
  return waiters.sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

/** The task as far as it can be relied on. Before the damage, which a look into the past may show, it can. */
function withDamage(task: SubmittedTask, known: SeenDamage | undefined): SubmittedTask {
  const damage = known?.of(taskStream(task.id)) ?? null;
  return task.damage || !damage || BigInt(damage.revision) > task.revision ? task : { ...task, damage };
}

function laneOf(project: string, read: Lane | null, known: SeenDamage | undefined): Lane | null {
  const damage = read?.damage ?? known?.of(laneStream(project)) ?? null;
  return damage ? { ...(read ?? initialLane()), grant: null, damage } : read;
}

/**
 * Why each of these tasks stands where it stands. Policy and switches in force are the recorded ones; what is recorded of
 * neither is as this process was started.
 */
export function explainRows(
  { rows, lanes, waiters, policies, switches: recorded, histories }: Surrounded,
  {
    projects,
    isConducted,
    isPast,
    damage,
    slotLines,
  }: Pick<QueueDeps, 'projects' | 'isConducted' | 'isPast' | 'damage' | 'slotLines'>,
  now: Instant,
): ReadonlyMap<TaskId, TaskWhy> {
  const explained = new Map<TaskId, TaskWhy>();
  const places = isPast ? null : slotLines?.places(now);
  for (const project of new Set(rows.map(({ task }) => task.project))) {
    const policy = policies.get(project)?.policy ?? projects.get(project)?.policy ?? null;
    const mine = waiters.filter((waiter) => waiter.project === project);
    const lane = laneOf(project, lanes.get(project) ?? null, damage);
    const settings = recorded.get(project) ?? NOTHING_SET;
    const found = damage?.of(policyStream(project)) ?? damage?.of(switchStream(project)) ?? null;
    const policyDamage = policies.get(project)?.damage ?? settings.damage ?? found;
    const setAside = isPast ? null : projects.setAside(project);
    const switches = onOrOff(projects.switchesInForce(project, settings));
    const line = lineOf(mine, { now, isConducted, switches }, lane?.pause ?? null);
    const isBranchGone = (branch: string) => !isPast && projects.isBranchGone(project, branch);
    const aheadForSlot = (task: TaskId) => places?.get(task) ?? null;
    const around = {
      now,
      policy,
      policyDamage,
      lane,
      line,
      switches,
      setAside,
      isConducted,
      isBranchGone,
      aheadForSlot,
    };
    const history: History = histories.get(project) ?? new Map();
    for (const { task: stored } of rows.filter((row) => row.task.project === project)) {
      const task = withDamage(stored, damage);
      const why = explainTask(task, around);
      explained.set(task.id, { ...why, expected: expectedTime(task, why, history) });
    }
  }
  return explained;
}
