import type { SeenDamage } from '../../application/known-damage';
import type { Damage } from '../../domain/damage';
import { taskStream, type TaskId } from '../../domain/ids';
import { CITING } from '../../domain/task/cited-artifacts';
import type { TaskEvent } from '../../domain/task/task.events';
import { cursorOf, placeOfCursor } from '../cursor';
import type { PositionText } from '../events/position';
import { limitOf, type PageAsk } from '../page';
import type { SeenModels } from '../read-models';
import { eventWords } from './event-words';
import { lastTaskEventKey, taskEventKey, type TaskEventRow } from './task-event.projector';
import { TASK, TASK_EVENT } from './task.projection';

export interface TaskEventView extends TaskEventRow {
  /** What happened, for people. */
  readonly text: string;
}

export interface TaskEventsView {
  readonly position: PositionText;
  readonly items: readonly TaskEventView[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
}

export interface TaskEventsDeps {
  readonly models: SeenModels;
  /** Where the stream itself is looked at first; left out: what the read model has is believed. */
  readonly damage?: SeenDamage;
}

type Stored = Omit<TaskEventRow, 'data'> & { readonly key: string; readonly data: string };

/** A task's events in their order. @returns null when there is no such task. @throws RequestRefused for no page of them. */
export async function getTaskEvents(
  { models, damage: known }: TaskEventsDeps,
  id: TaskId,
  { limit, cursor }: PageAsk = {},
): Promise<TaskEventsView | null> {
  const size = limitOf(limit);
  const filter = ['events', id];
  const after = placeOfCursor(filter, cursor, revisionIn) ?? -1n;
  await known?.check(taskStream(id));
  const damage = known?.of(taskStream(id)) ?? null;
  return models.read(TASK, async ({ rows, position }) => {
    const page = await rows<Stored>(TASK_EVENT.name)
      .selectAll()
      .where('key', '>=', taskEventKey(id, after + 1n))
      .where('key', '<', lastTaskEventKey(id))
      .orderBy('key')
      .limit(size + 1)
      .execute();
    if (page.length === 0 && after < 0n) return null;
    const items = page.slice(0, size).map((cells) => view(relied(TASK_EVENT.decode({ ...cells }), damage)));
    const last = page.length > size ? items.at(-1) : undefined;
    return { position, items, nextCursor: last ? cursorOf(filter, last.revision) : null };
  });
}

/** Read at once of a task that has many. */
const ROWS_AT_ONCE = 200;

/** The events of a task that may cite artifacts, as far as they can be relied on. @returns null when there is no such task. */
export async function citingEvents(
  { models, damage: known }: TaskEventsDeps,
  id: TaskId,
): Promise<{ readonly position: PositionText; readonly events: readonly TaskEventRow[] } | null> {
  await known?.check(taskStream(id));
  const damage = known?.of(taskStream(id)) ?? null;
  return models.read(TASK, async ({ rows, position }) => {
    const ofTask = rows<Stored>(TASK_EVENT.name).where('key', '<', lastTaskEventKey(id)).orderBy('key');
    const first = await ofTask.select('key').where('key', '>=', taskEventKey(id, 0n)).limit(1).execute();
    if (first.length === 0) return null;
    const events: TaskEventRow[] = [];
    const citing = ofTask.selectAll().where('type', 'in', CITING).limit(ROWS_AT_ONCE);
    for (let after = taskEventKey(id, 0n); ;) {
      const page = await citing.where('key', '>', after).execute();
      events.push(...page.map((cells) => relied(TASK_EVENT.decode({ ...cells }), damage)));
      const last = page.length === ROWS_AT_ONCE ? page.at(-1) : undefined;
      if (!last) return { position, events };
      after = last.key;
    }
  });
}

/** The event, unless it is the one that cannot be relied on or stands behind it: of those nothing is repeated. */
function relied(row: TaskEventRow, damage: Damage | null): TaskEventRow {
  const { revision, type } = row;
  if (!damage || type === 'Unreadable' || BigInt(revision) < BigInt(damage.revision)) return row;
  const behind = { ...damage, revision, type, reason: 'it stands behind one that cannot be relied on' };
  return { ...row, type: 'Unreadable', data: revision === damage.revision ? damage : behind };
}

function revisionIn(place: string): bigint | null {
  return /^\d{1,12}$/.test(place) ? BigInt(place) : null;
}

function view(row: TaskEventRow): TaskEventView {
  return { ...row, text: eventWords({ type: row.type, data: row.data } as TaskEvent) };
}
