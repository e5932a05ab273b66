import type { Lane } from '../../domain/lane/lane.decider';
import type { Counts } from './projectors/queue-count.projector';
import type { Tally } from './projectors/queue-tally.projector';
import {
  QUEUE,
  QUEUE_ALERT,
  QUEUE_COUNT,
  QUEUE_LANE,
  QUEUE_STAGE,
  QUEUE_TALLY,
  QUEUE_TASK,
  type QueueTaskCells,
} from './queue.projection';
import { byProject } from './queue-rows';
import type { ReadModels, Snapshot } from '../read-models';

/** How often something was so, by what it is about. */
export type Figure<Of extends string> = Readonly<Record<Of, string>> & { readonly count: number };

/** What the read models count already, for whoever watches from outside. */
export interface Figures {
  readonly stages: readonly Figure<'project' | 'stage'>[];
  readonly claims: readonly Figure<'project' | 'job'>[];
  readonly alerts: readonly Figure<'project' | 'state' | 'severity'>[];
  readonly counts: ReadonlyMap<string, Counts>;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly lanes: ReadonlyMap<string, Lane>;
}

/** Reads a row for each thing that is counted, however many tasks there are. */
export function readFigures(models: ReadModels): Promise<Figures> {
  return models.read(QUEUE, async (snapshot) => ({
    stages: await snapshot
      .rows<Figure<'project' | 'stage'>>(QUEUE_STAGE.name)
      .select(['project', 'stage', 'count'])
      .execute(),
    claims: await readClaims(snapshot),
    alerts: await readAlerts(snapshot),
    counts: await byProject(snapshot, QUEUE_COUNT, null),
    tallies: await byProject(snapshot, QUEUE_TALLY, null),
    lanes: await byProject(snapshot, QUEUE_LANE, null),
  }));
}

async function readClaims({ rows }: Snapshot): Promise<Figures['claims']> {
  const found = await rows<QueueTaskCells>(QUEUE_TASK.name)
    .select(['project', 'claimJob', ({ fn }) => fn.countAll().as('count')])
    .where('claimUntil', 'is not', null)
    .groupBy(['project', 'claimJob'])
    .execute();
  return found.map(({ project, claimJob, count }) => ({ project, job: claimJob ?? '', count: Number(count) }));
}

async function readAlerts({ rows }: Snapshot): Promise<Figures['alerts']> {
  const found = await rows<Record<'project' | 'state' | 'severity', string> & { openSince: string | null }>(
    QUEUE_ALERT.name,
  )
    .select(['project', 'state', 'severity', ({ fn }) => fn.countAll().as('count')])
    .where('openSince', 'is not', null)
    .groupBy(['project', 'state', 'severity'])
    .execute();
  return found.map(({ count, ...of }) => ({ ...of, count: Number(count) }));
}
