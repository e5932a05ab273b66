import { RequestRefused } from '../../application/refusals';
import { instant } from '../../domain/instant';
import { STAGES, type Stage } from '../../domain/task/pipeline';
import { TASK_STATUSES } from '../../domain/task/words/why';
import { cursorOf, placeOfCursor } from '../cursor';
import type { PositionText } from '../events/position';
import { limitOf, type PageAsk } from '../page';
import type { Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import { queueEntry, type QueueEntry } from './queue-entry';
import { QUEUE, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import { explainRows, readAround, type QueueDeps } from './queue-rows';

/** As it comes from outside. */
export interface TasksAsk extends PageAsk {
  readonly project?: string;
  readonly stage?: string;
  readonly status?: string;
}

export interface TasksView {
  readonly position: PositionText;
  /** Open and finished ones, by their ids. */
  readonly items: readonly QueueEntry[];
  /** Where the list goes on; null at its end. A page may have fewer tasks than were asked for, or none, and not be the last one. */
  readonly nextCursor: string | null;
}

/** Rows that one page looks at: what a filter leaves out is read all the same. */
const MOST_READ = 1_000;
const EVERY_STAGE: readonly Stage[] = [...STAGES, 'cancelled', 'rejected'];

/** @throws RequestRefused when something in it is not what it should be. */
export function listTasks(deps: QueueDeps, ask: TasksAsk): Promise<TasksView> {
  const { project = null, stage = null, status = null, cursor } = ask;
  const limit = limitOf(ask.limit);
  if (stage !== null && !EVERY_STAGE.some((known) => known === stage)) throw noStage(stage);
  if (status !== null && !TASK_STATUSES.some((known) => known === status)) throw noStatus(status);
  if (project !== null && deps.projects.get(project) === null) throw unknownProject(deps.projects, project);
  const filter = ['tasks', project, stage, status];
  const after = placeOfCursor(filter, cursor, (id) => id);
  return deps.models.read(QUEUE, async (snapshot) => {
    const rows = await readRows(snapshot, project, after);
    const ofStage = rows.filter(({ task }) => stage === null || task.stage === stage);
    const around = await readAround(snapshot, ofStage, project);
    const whys = explainRows(around, deps, instant(deps.clock.now()));
    const entries = around.rows.flatMap((row) => {
      const why = whys.get(row.task.id);
      return why ? [queueEntry(row, why)] : [];
    });
    const found = entries.filter((entry) => status === null || entry.status === status);
    const items = found.slice(0, limit);
    // Behind the last one that is shown, or, where the filter has left none over, behind the last one that was read.
    const isCut = found.length > limit;
    const last = isCut ? items.at(-1)?.id : rows.length === MOST_READ ? rows.at(-1)?.task.id : undefined;
    return { position: snapshot.position, items, nextCursor: last === undefined ? null : cursorOf(filter, last) };
  });
}

async function readRows(snapshot: Snapshot, project: string | null, after: string | null) {
  let rows = snapshot.rows<QueueTaskCells>(QUEUE_TASK.name).selectAll();
  // A project's tasks stand together: its key holds no dot, and a slash is what follows one.
  if (project !== null) rows = rows.where('key', '>', `${project}.`).where('key', '<', `${project}/`);
  if (after !== null) rows = rows.where('key', '>', after);
  const read = await rows.orderBy('key').limit(MOST_READ).execute();
  return read.map((cells) => QUEUE_TASK.decode({ ...cells }));
}

function noStatus(status: string): RequestRefused {
  const text = `status: expected one of ${TASK_STATUSES.join(', ')}, saw ${JSON.stringify(status)}`;
  return new RequestRefused('invalid', 'unknown-status', text);
}

function noStage(stage: string): RequestRefused {
  const text = `stage: expected one of ${EVERY_STAGE.join(', ')}, saw ${JSON.stringify(stage)}`;
  return new RequestRefused('invalid', 'unknown-stage', text);
}
