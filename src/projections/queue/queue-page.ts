import { RequestRefused } from '../../application/refusals';
import { STAGES, type PipelineStage } from '../../domain/task/pipeline';
import { cursorOf, placeOfCursor, type PageFilter } from '../cursor';
import { limitOf, type PageAsk } from '../page';
import type { Snapshot } from '../read-models';
import type { Rows } from '../rows/tables';
import { placeText, rankOf, readPlace, turnBefore, type QueuePlace } from './queue-turn';
import { QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import type { QueueTask } from './projectors/queue-task.projector';

/** A stage at which tasks are open. */
export type OpenStage = Exclude<PipelineStage, 'done'>;
export const OPEN_STAGES: readonly OpenStage[] = STAGES.filter((stage) => stage !== 'done');

/** Which part of the queue is asked for, as it comes from outside: text, or whatever else a URL may hold. */
export interface QueueAsk extends PageAsk {
  /** Key of a project; default: all. */
  readonly project?: string | null;
  /** Only tasks at this stage. */
  readonly stage?: unknown;
}

export interface QueuePage {
  /** What a cursor of it is of use for. */
  readonly filter: PageFilter;
  readonly project: string | null;
  readonly stage: OpenStage | null;
  readonly limit: number;
  /** Exclusive; null for the first page. */
  readonly after: QueuePlace | null;
}

/** @param at as of when; null for now. @throws RequestRefused when something in it is not what it should be. */
export function parsePage({ project = null, limit, cursor, ...ask }: QueueAsk, at: string | null = null): QueuePage {
  const stage = stageOf(ask.stage);
  const filter = ['queue', project, stage, at];
  return { filter, project, stage, limit: limitOf(limit), after: placeOfCursor(filter, cursor, readPlace) };
}

/** @returns the page's tasks in their order, and where the next page goes on; null when it is the last one. */
export async function readPage(
  snapshot: Snapshot,
  page: QueuePage,
): Promise<{ readonly rows: readonly QueueTask[]; readonly nextCursor: string | null }> {
  const found = await rowsOfPage(snapshot, page).execute();
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  const place = found.length > page.limit && last ? placeText(placeOfCells(last)) : null;
  const nextCursor = place === null ? null : cursorOf(page.filter, place);
  return { rows: shown.map((cells) => QUEUE_TASK.decode({ ...cells })), nextCursor };
}

/** Those of the page in their order, and one more if there is one. An index has to lead straight to the first. */
export function rowsOfPage(
  snapshot: Pick<Snapshot, 'rows'>,
  { project, stage, limit, after }: Omit<QueuePage, 'filter'>,
) {
  const open = snapshot.rows<QueueTaskCells>(QUEUE_TASK.name).where('turn', 'is not', null);
  const ofProject = project === null ? open : open.where('project', '=', project);
  const behind = stage === null ? behindPlace(ofProject, after) : behindTurn(ofProject, rankOf(stage), after);
  return behind
    .selectAll()
    .orderBy('stageRank')
    .orderBy('turn')
    .limit(limit + 1);
}

function behindPlace(rows: Rows<QueueTaskCells>, after: QueuePlace | null): Rows<QueueTaskCells> {
  if (after === null) return rows;
  const { stageRank, turn } = after;
  return rows.where((eb) => eb(eb.refTuple('stageRank', 'turn'), '>', eb.tuple(stageRank, turn)));
}

/** By the turn alone: where the rank is given, no database begins in its index at a pair of rank and turn. */
function behindTurn(rows: Rows<QueueTaskCells>, rank: number, after: QueuePlace | null): Rows<QueueTaskCells> {
  return rows.where('stageRank', '=', rank).where('turn', '>', turnBefore(rank, after));
}

/** @throws when the row is of a task at its end, which no page has. */
function placeOfCells({ stageRank, turn }: Pick<QueueTaskCells, 'stageRank' | 'turn'>): QueuePlace {
  if (stageRank === null || turn === null) throw new Error('a task at its end is on a page of the queue');
  return { stageRank, turn };
}

function stageOf(stage: unknown): OpenStage | null {
  if (isLeftOut(stage)) return null;
  const found = OPEN_STAGES.find((known) => known === stage);
  if (found) return found;
  const text = `stage: expected one of ${OPEN_STAGES.join(', ')}, saw ${JSON.stringify(stage)}`;
  throw new RequestRefused('invalid', 'unknown-stage', text);
}

function isLeftOut(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
