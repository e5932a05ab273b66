import type { TaskId } from '../../domain/ids';
import type { PositionText } from '../events/position';
import type { ReadModels, Snapshot } from '../read-models';
import { runKeysOf, type Run, type RunOutcome } from './run.projector';
import { RUN, RUN_END, RUNS } from './runs.projection';

export interface RunsFilter {
  readonly project?: string;
  readonly taskId?: TaskId;
  /** Job key: `staging-suite`, `agent:developer`, … */
  readonly job?: string;
  /** What the previous page gave as `next`. */
  readonly before?: string;
  /** Default and maximum: `RUNS_PER_PAGE`. */
  readonly limit?: number;
}

export interface RunView extends Omit<Run, 'outcome'> {
  readonly outcome: RunOutcome | 'cancelled';
}

export interface RunsView {
  readonly position: PositionText;
  /** Latest first. */
  readonly items: readonly RunView[];
  readonly next: string | null;
}

export const RUNS_PER_PAGE = 100;

type Stored = Omit<Run, 'usage' | 'agentUsage'> &
  Readonly<Record<'usage' | 'agentUsage', string | null>> & { readonly key: string };

export async function listRuns(models: ReadModels, filter: RunsFilter = {}): Promise<RunsView> {
  const size = Math.max(1, Math.min(filter.limit ?? RUNS_PER_PAGE, RUNS_PER_PAGE));
  return models.read(RUNS, async (snapshot) => {
    const page = await filtered(snapshot, filter)
      .limit(size + 1)
      .execute();
    const items = await withCancelled(
      snapshot,
      page.slice(0, size).map((cells) => RUN.decode({ ...cells })),
    );
    const last = page[size - 1];
    const next = page.length > size && last ? `${last.claimedAt} ${last.key}` : null;
    return { position: snapshot.position, items, next };
  });
}

/** @returns null when there is no such run. */
export async function getRun(models: ReadModels, runId: string): Promise<RunView | null> {
  return models.read(RUNS, async (snapshot) => {
    const cells = await snapshot.rows<Stored>(RUN.name).selectAll().where('runId', '=', runId).executeTakeFirst();
    if (!cells) return null;
    const [run] = await withCancelled(snapshot, [RUN.decode({ ...cells })]);
    return run ?? null;
  });
}

function filtered(snapshot: Snapshot, { project, taskId, job, before }: RunsFilter) {
  let rows = snapshot.rows<Stored>(RUN.name).selectAll();
  if (project !== undefined) rows = rows.where('project', '=', project);
  if (job !== undefined) rows = rows.where('job', '=', job);
  const [claimedAt = '', key = ''] = before?.split(' ') ?? [];
  if (taskId !== undefined) {
    // A task's claims follow each other, and their keys do.
    const [first, end] = runKeysOf(taskId);
    rows = rows.where('key', '>=', first).where('key', '<', before === undefined ? end : key);
    return rows.orderBy('key', 'desc');
  }
  if (before !== undefined) {
    rows = rows.where((eb) =>
      eb.or([eb('claimedAt', '<', claimedAt), eb.and([eb('claimedAt', '=', claimedAt), eb('key', '<', key)])]),
    );
  }
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
