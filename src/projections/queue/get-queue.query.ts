import type { StoreInfo } from '../../application/ports/event-store';
import { instant, type Instant } from '../../domain/instant';
import { STAGES, type Stage } from '../../domain/task/pipeline';
import { lagFrom } from '../lag';
import type { PositionText } from '../position';
import type { Snapshot } from '../read-models';
import {
  countBlock,
  laneBlocks,
  openClaims,
  runningOf,
  switchBlocks,
  type CountBlock,
  type LaneBlock,
  type SwitchBlock,
} from './queue-blocks';
import { queueEntry, type QueueEntry } from './queue-entry';
import type { QueueAlert } from './queue-alert.projector';
import { QUEUE, QUEUE_ALERT, QUEUE_COUNT, QUEUE_TASK, type QueueTaskCells } from './queue.projection';
import { byProject, explainOpen, readOpen, type OpenQueue, type PastQueueDeps, type QueueDeps } from './queue-rows';
import type { Counts } from './queue-count.projector';

export interface QueueView {
  readonly at: Instant;
  /** The log up to here is reflected. */
  readonly position: PositionText;
  /** Open tasks, by every stage of the pipeline in its order. */
  readonly stages: readonly { readonly stage: Stage; readonly tasks: readonly QueueEntry[] }[];
  readonly finished: { readonly done: number; readonly cancelled: number; readonly rejected: number };
  readonly staging_runner: { readonly running: number } & CountBlock<'staging_runner'>;
  readonly merge_gate: { readonly running: number; readonly landing: number } & CountBlock<'merge_gate'>;
  readonly transition_lease: { readonly open: number; readonly overdue: number } & CountBlock<'transition_lease'>;
  readonly reaper: CountBlock<'reaper'>;
  readonly agents: { readonly running: number } & CountBlock<'agents'>;
  readonly alerts: { readonly open: number; readonly newest: readonly QueueAlert[] };
  readonly switches: readonly SwitchBlock[];
  readonly lanes: readonly LaneBlock[];
  readonly store: StoreInfo & { readonly lagEvents: number; readonly lagMs: number };
}

interface Read {
  readonly position: PositionText;
  readonly open: OpenQueue;
  readonly counts: readonly Counts[];
  readonly finished: QueueView['finished'];
  readonly alerts: QueueView['alerts'];
}

const NEWEST_ALERTS = 20;

export interface QueueFilter {
  /** Of which; default: all. */
  readonly project?: string | null;
}

/** Where every open task stands and why. */
export async function getQueue(deps: QueueDeps, { project = null }: QueueFilter = {}): Promise<QueueView> {
  const now = instant(deps.clock.now());
  const read = await deps.models.read(QUEUE, (snapshot) => readQueue(snapshot, project));
  const { events: lagEvents, lagMs } = await lagFrom(deps, read.position);
  return viewOf(deps, read, { now, project, lag: { lagEvents, lagMs } });
}

/**
 * The same as of a place in the past, by the clock of then; the switches are those of now.
 *
 * @param at a position as every view shows it, or an instant in ISO 8601.
 * @throws RequestRefused when it is neither, or has not happened yet.
 */
export async function getPastQueue(
  deps: PastQueueDeps,
  at: string,
  { project = null }: QueueFilter = {},
): Promise<QueueView> {
  // Who moves what is known of now only.
  const { store, projects, clock } = deps;
  return deps.past.read(at, async ({ models, now, position }) => {
    const read = await models.read(QUEUE, (snapshot) => readQueue(snapshot, project));
    return viewOf(
      { models, store, projects, clock },
      { ...read, position },
      { now, project, lag: { lagEvents: 0, lagMs: 0 } },
    );
  });
}

interface Seen {
  readonly now: Instant;
  readonly project: string | null;
  readonly lag: Pick<QueueView['store'], 'lagEvents' | 'lagMs'>;
}

function viewOf(deps: QueueDeps, read: Read, { now, project, lag }: Seen): QueueView {
  const { open, counts } = read;
  const explained = explainOpen(open, deps, now);
  const projects = projectsOf(deps, open, project);
  return {
    at: now,
    position: read.position,
    stages: byStage(open, explained),
    finished: read.finished,
    staging_runner: { running: runningOf(open, 'staging-suite'), ...countBlock(counts, 'staging_runner') },
    merge_gate: {
      running: runningOf(open, 'merge-gate'),
      landing: runningOf(open, 'landing', 'landing-recovery'),
      ...countBlock(counts, 'merge_gate'),
    },
    transition_lease: { ...openClaims(open, now), ...countBlock(counts, 'transition_lease') },
    reaper: countBlock(counts, 'reaper'),
    agents: { running: runningOf(open, 'agent'), ...countBlock(counts, 'agents') },
    alerts: read.alerts,
    switches: switchBlocks(deps.projects, projects),
    lanes: laneBlocks(open, explained, projects),
    store: { ...deps.store.info, ...lag },
  };
}

async function readQueue(snapshot: Snapshot, project: string | null): Promise<Read> {
  return {
    position: snapshot.position,
    open: await readOpen(snapshot, project),
    counts: [...(await byProject(snapshot, QUEUE_COUNT, project)).values()],
    finished: await readFinished(snapshot, project),
    alerts: await readAlerts(snapshot, project),
  };
}

async function readFinished(snapshot: Snapshot, project: string | null): Promise<QueueView['finished']> {
  let rows = snapshot.rows<QueueTaskCells>(QUEUE_TASK.name).where('isOpen', '=', 0);
  if (project !== null) rows = rows.where('project', '=', project);
  const counted = await rows
    .select(({ fn }) => ['stage', fn.countAll().as('count')])
    .groupBy('stage')
    .execute();
  const of = (stage: Stage) => Number(counted.find((row) => row.stage === stage)?.count ?? 0);
  return { done: of('done'), cancelled: of('cancelled'), rejected: of('rejected') };
}

async function readAlerts(snapshot: Snapshot, project: string | null): Promise<QueueView['alerts']> {
  let rows = snapshot.rows<QueueAlert & { key: string }>(QUEUE_ALERT.name);
  if (project !== null) rows = rows.where('project', '=', project);
  const { open } = await rows.select(({ fn }) => fn.countAll().as('open')).executeTakeFirstOrThrow();
  const newest = await rows
    .select(['taskId', 'project', 'alert', 'severity', 'title', 'raisedAt'])
    .orderBy('raisedAt', 'desc')
    .orderBy('key')
    .limit(NEWEST_ALERTS)
    .execute();
  return { open: Number(open), newest };
}

function byStage(open: OpenQueue, explained: ReturnType<typeof explainOpen>): QueueView['stages'] {
  const entries = open.rows.flatMap((row) => {
    const why = explained.get(row.task.id);
    return why ? [queueEntry(row, why)] : [];
  });
  const unfinished = STAGES.filter((stage) => stage !== 'done');
  return unfinished.map((stage) => ({ stage, tasks: entries.filter((entry) => entry.stage === stage).sort(byTurn) }));
}

/** Most urgent first, then the one that has been waiting longest. */
function byTurn(a: QueueEntry, b: QueueEntry): number {
  return b.priority - a.priority || (a.since < b.since ? -1 : a.since > b.since ? 1 : a.id < b.id ? -1 : 1);
}

function projectsOf({ projects }: QueueDeps, open: OpenQueue, project: string | null): readonly string[] {
  if (project !== null) return [project];
  const configured = projects.all().map(({ policy }) => policy.project);
  return [...new Set([...configured, ...open.policies.keys(), ...open.lanes.keys()])].sort();
}
