import type { TaskId } from '../../domain/ids';
import { cursorOf, keyedInstantText, placeOfCursor, readKeyedInstant, type KeyedInstant } from '../cursor';
import type { PositionText } from '../events/position';
import { limitOf, type PageAsk } from '../page';
import type { SeenModels, Snapshot } from '../read-models';
import { runKeysOf, type Run, type RunOutcome } from './run.projector';
import { RUN, RUN_END, RUNS } from './runs.projection';

export interface RunsFilter extends PageAsk {
  readonly project?: string;
  readonly taskId?: TaskId;
  /** Job key: `staging-suite`, `agent:developer`, … */
  readonly job?: string;
}

export interface RunView extends Omit<Run, 'outcome'> {
  readonly outcome: RunOutcome | 'cancelled';
}

export interface RunsView {
  readonly position: PositionText;
  /** Latest first. */
  readonly items: readonly RunView[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
}

/** More than of other lists: each may have much to tell. */
const RUNS_PER_PAGE = 100;

type Stored = Omit<Run, 'usage' | 'agentUsage'> &
  Readonly<Record<'usage' | 'agentUsage', string | null>> & { readonly key: string };

export async function listRuns(models: SeenModels, filter: RunsFilter = {}): Promise<RunsView> {
  const { project = null, taskId = null, job = null } = filter;
  const size = Math.min(limitOf(filter.limit), RUNS_PER_PAGE);
  const asked = ['runs', project, taskId, job];
  const before = placeOfCursor(asked, filter.cursor, readKeyedInstant);
  return models.read(RUNS, async (snapshot) => {
    const page = await filtered(snapshot, filter, before)
      .limit(size + 1)
      .execute();
    const items = await withCancelled(
      snapshot,
      page.slice(0, size).map((cells) => RUN.decode({ ...cells })),
    );
    const last = page[size - 1];
    const place = page.length > size && last ? keyedInstantText({ at: last.claimedAt, key: last.key }) : null;
    return { position: snapshot.position, items, nextCursor: place === null ? null : cursorOf(asked, place) };
  });
}

/** @returns null when there is no such run. */
export async function getRun(models: SeenModels, runId: string): Promise<RunView | null> {
  return models.read(RUNS, async (snapshot) => {
    const cells = await snapshot.rows<Stored>(RUN.name).selectAll().where('runId', '=', runId).executeTakeFirst();
    if (!cells) return null;
    const [run] = await withCancelled(snapshot, [RUN.decode({ ...cells })]);
    return run ?? null;
  });
}

function filtered(snapshot: Snapshot, { project, taskId, job }: RunsFilter, before: KeyedInstant | null) {
  let rows = snapshot.rows<Stored>(RUN.name).selectAll();
  if (project !== undefined) rows = rows.where('project', '=', project);
  if (job !== undefined) rows = rows.where('job', '=', job);
  if (taskId !== undefined) {
    // A task's claims follow each other, and their keys do.
    const [first, end] = runKeysOf(taskId);
    rows = rows.where('key', '>=', first).where('key', '<', before === null ? end : before.key);
    return rows.orderBy('key', 'desc');
  }
  if (before !== null)
    rows = rows.where((eb) =>
      eb.or([eb('claimedAt', '<', before.at), eb.and([eb('claimedAt', '=', before.at), eb('key', '<', before.key)])]),
    );
  return rows.orderBy('claimedAt', 'desc').orderBy('key', 'desc');
}

async function withCancelled(snapshot: Snapshot, runs: readonly Run[]): Promise<readonly RunView[]> {
  const running = [...new Set(runs.filter(({ outcome }) => outcome === 'running').map(({ taskId }) => taskId))];
  if (running.length === 0) return runs;
  const ends = await snapshot
    .rows<{ readonly key: string; readonly cancelledAt: string }>(RUN_END.name)
    .selectAll()
    .where('key', 'in', running)
    .execute();
  const cancelled = new Map(ends.map(({ key, cancelledAt }) => [key, cancelledAt]));
  return runs.map((run): RunView => {
    const endedAt = run.outcome === 'running' ? cancelled.get(run.taskId) : undefined;
    return endedAt === undefined ? run : { ...run, endedAt, outcome: 'cancelled', reason: 'the task was cancelled' };
  });
}
