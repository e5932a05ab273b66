import type { StoreInfo } from '../../application/ports/event-store';
import type { SubscriberView } from '../../application/subscribers/subscribers';
import { instant, type Instant } from '../../domain/instant';
import type { Stage } from '../../domain/task/pipeline';
import type { Damage } from '../../domain/damage';
import { lagFrom } from '../following/lag';
import type { PositionText } from '../events/position';
import type { Snapshot } from '../read-models';
import { unknownProject } from '../unknown-project';
import {
  countBlock,
  laneBlocks,
  openClaims,
  claimedOf,
  setAsideBlocks,
  switchBlocks,
  type ClaimedJob,
  type CountBlock,
  type LaneBlock,
  type SetAsideBlock,
  type SwitchBlock,
} from './queue-blocks';
import { readAlerts, type AlertBlock } from './list-alerts.query';
import { damageBlock, readDamage, type DamageBlock } from './damage.query';
import { readFlakes, type FlakeBlock } from './list-flakes.query';
import { queueEntry, type QueueEntry } from './queue-entry';
import { OPEN_STAGES, parsePage, readPage, type OpenStage, type QueueAsk, type QueuePage } from './queue-page';
import { QUEUE, QUEUE_COUNT, QUEUE_STAGE, QUEUE_TASK, QUEUE_USAGE, type QueueTaskCells } from './queue.projection';
import { byProject, explainRows, readAround, type PastQueueDeps, type QueueDeps, type Surrounded } from './queue-rows';
import type { RoleTotals } from './projectors/queue-usage.projector';
import { roleUsage, type RoleUsage } from './role-usage';
import type { Counts } from './projectors/queue-count.projector';
import type { QueueTask } from './projectors/queue-task.projector';
import { commandBlock, monitorLimits, runnerBlock, type CommandBlock, type RunnerBlock } from './runner-blocks';

export interface QueueView {
  readonly at: Instant;
  /** The log up to here is reflected. */
  readonly position: PositionText;
  /** By every stage of the pipeline in its order: how many tasks are open there, and those of this page. */
  readonly stages: readonly {
    readonly stage: OpenStage;
    readonly open: number;
    readonly tasks: readonly QueueEntry[];
  }[];
  /** Where the next page goes on; null at the end. */
  readonly nextCursor: string | null;
  readonly finished: { readonly done: number; readonly cancelled: number; readonly rejected: number };
  readonly staging_runner: { readonly running: number } & RunnerBlock & CountBlock<'staging_runner'>;
  readonly test_runner: { readonly running: number } & RunnerBlock & CountBlock<'test_runner'>;
  readonly merge_gate: { readonly running: number; readonly landing: number } & CountBlock<'merge_gate'>;
  readonly revert_gate: { readonly running: number } & CountBlock<'revert_gate'>;
  readonly judge_gate: { readonly running: number } & CountBlock<'judge_gate'>;
  readonly security_gate: { readonly running: number } & CountBlock<'security_gate'>;
  readonly coverage_gate: { readonly running: number } & CountBlock<'coverage_gate'>;
  readonly image_gate: { readonly running: number } & CountBlock<'image_gate'>;
  readonly deploy_finalizer: { readonly running: number } & CommandBlock & CountBlock<'deploy_finalizer'>;
  readonly post_deploy_monitor: { readonly running: number } & CommandBlock & CountBlock<'post_deploy_monitor'>;
  readonly transition_lease: { readonly open: number; readonly overdue: number } & CountBlock<'transition_lease'>;
  readonly lane_breaker: CountBlock<'lane_breaker'>;
  readonly reaper: CountBlock<'reaper'>;
  readonly agents: { readonly running: number; readonly roles: readonly RoleUsage[] } & CountBlock<'agents'>;
  /** Trees on which a suite was red and green. */
  readonly flakes: FlakeBlock;
  /** Those that are not closed: how many, how many of them nobody has acknowledged, and the newest. */
  readonly alerts: AlertBlock;
  /** What cannot be relied on of the log. */
  readonly damaged: DamageBlock;
  readonly switches: readonly SwitchBlock[];
  /** Projects of which nothing is done here at the moment; none of a time in the past. */
  readonly set_aside: readonly SetAsideBlock[];
  readonly lanes: readonly LaneBlock[];
  /** What is done about events beside moving tasks, and how far that is; of now only. */
  readonly subscribers: readonly SubscriberView[];
  readonly store: StoreInfo & { readonly lagEvents: number; readonly lagMs: number };
}

interface Read {
  readonly position: PositionText;
  readonly around: Surrounded;
  readonly nextCursor: string | null;
  readonly stageCounts: ReadonlyMap<string, number>;
  readonly claims: readonly ClaimedJob[];
  readonly counts: readonly Counts[];
  readonly usage: readonly RoleTotals[];
  readonly alerts: QueueView['alerts'];
  readonly damaged: readonly Damage[];
  readonly flakes: FlakeBlock;
}

/**
 * Where open tasks stand and why, a page at a time. What is counted is counted over all of them.
 *
 * @throws RequestRefused when the page is asked for wrongly.
 */
export async function getQueue(deps: QueueDeps, ask: QueueAsk = {}): Promise<QueueView> {
  const page = parsePage(ask);
  const now = instant(deps.clock.now());
  const read = await deps.models.read(QUEUE, (snapshot) => readQueue(snapshot, page));
  mustBeKnown(deps, read, page.project);
  const { events: lagEvents, lagMs } = await lagFrom(deps, read.position);
  const subscribers = (await deps.subscribers?.views()) ?? [];
  return viewOf(deps, read, { now, project: page.project, lag: { lagEvents, lagMs }, subscribers });
}

/**
 * The same as of a place in the past, by the clock of then. Switches that people had set are those of then; what
 * configuration says of the others is known of now only.
 *
 * @param at a position as every view shows it, or an instant in ISO 8601.
 * @throws RequestRefused when it is neither, or has not happened yet.
 */
export async function getPastQueue(deps: PastQueueDeps, at: string, ask: QueueAsk = {}): Promise<QueueView> {
  const page = parsePage(ask, at);
  // Who moves what is known of now only.
  const { store, projects, clock } = deps;
  return deps.past.read(at, async ({ models, now, position }) => {
    const read = await models.read(QUEUE, (snapshot) => readQueue(snapshot, page));
    mustBeKnown(deps, read, page.project);
    return viewOf(
      { models, store, projects, clock, isPast: true },
      { ...read, position },
      { now, project: page.project, lag: { lagEvents: 0, lagMs: 0 }, subscribers: [] },
    );
  });
}

/** A project is known by the file of this service or by the log: a task of it, its lane, or a policy that was recorded. */
function mustBeKnown({ projects }: QueueDeps, { around, stageCounts }: Read, project: string | null): void {
  if (project === null || projects.get(project) !== null) return;
  if (around.policies.has(project) || around.lanes.has(project) || stageCounts.size > 0) return;
  throw unknownProject(projects, project);
}

interface Seen {
  readonly now: Instant;
  readonly project: string | null;
  readonly lag: Pick<QueueView['store'], 'lagEvents' | 'lagMs'>;
  readonly subscribers: readonly SubscriberView[];
}

function viewOf(deps: QueueDeps, read: Read, { now, project, lag, subscribers }: Seen): QueueView {
  const { around, stageCounts, claims, counts } = read;
  const projects = projectsOf(deps, around, project);
  const isKnown = (key: string) => around.policies.has(key) || deps.projects.get(key) !== null;
  const finished = (stage: Stage) => stageCounts.get(stage) ?? 0;
  return {
    at: now,
    position: read.position,
    stages: byStage(around.rows, explainRows(around, deps, now), stageCounts),
    nextCursor: read.nextCursor,
    finished: { done: finished('done'), cancelled: finished('cancelled'), rejected: finished('rejected') },
    staging_runner: {
      running: claimedOf(claims, 'staging_runner'),
      ...runnerBlock('staging-suite', around, deps.projects, projects),
      ...countBlock(counts, 'staging_runner'),
    },
    test_runner: {
      running: claimedOf(claims, 'test_runner'),
      ...runnerBlock('testing-suite', around, deps.projects, projects),
      ...countBlock(counts, 'test_runner'),
    },
    merge_gate: {
      running: claimedOf(claims, 'merge_gate'),
      landing: claimedOf(claims, 'merge_gate', 'landing'),
      ...countBlock(counts, 'merge_gate'),
    },
    revert_gate: { running: claimedOf(claims, 'revert_gate'), ...countBlock(counts, 'revert_gate') },
    judge_gate: { running: claimedOf(claims, 'judge_gate'), ...countBlock(counts, 'judge_gate') },
    coverage_gate: { running: claimedOf(claims, 'coverage_gate'), ...countBlock(counts, 'coverage_gate') },
    security_gate: { running: claimedOf(claims, 'security_gate'), ...countBlock(counts, 'security_gate') },
    image_gate: { running: claimedOf(claims, 'image_gate'), ...countBlock(counts, 'image_gate') },
    deploy_finalizer: {
      running: claimedOf(claims, 'deploy_finalizer'),
      ...commandBlock('deployFinalizer', ({ deploy }) => deploy ?? null, around, deps.projects, projects),
      ...countBlock(counts, 'deploy_finalizer'),
    },
    post_deploy_monitor: {
      running: claimedOf(claims, 'post_deploy_monitor'),
      ...commandBlock('postDeployMonitor', ({ monitor }) => monitorLimits(monitor), around, deps.projects, projects),
      ...countBlock(counts, 'post_deploy_monitor'),
    },
    transition_lease: { ...openClaims(claims, now), ...countBlock(counts, 'transition_lease') },
    lane_breaker: countBlock(counts, 'lane_breaker'),
    reaper: countBlock(counts, 'reaper'),
    agents: {
      running: claimedOf(claims, 'agents'),
      ...countBlock(counts, 'agents'),
      roles: roleUsage(read.usage),
    },
    flakes: read.flakes,
    alerts: read.alerts,
    damaged: damageBlock(read.damaged, deps.damage?.all() ?? [], project),
    switches: switchBlocks(around, deps.projects, projects, deps.isPast === true),
    set_aside: deps.isPast ? [] : setAsideBlocks(deps.projects, projects),
    lanes: laneBlocks(around, deps.projects, projects, { now, isConducted: deps.isConducted, isKnown }),
    subscribers,
    store: { ...deps.store.info, ...lag },
  };
}

async function readQueue(snapshot: Snapshot, page: QueuePage): Promise<Read> {
  const { project } = page;
  const { rows, nextCursor } = await readPage(snapshot, page);
  return {
    position: snapshot.position,
    around: await readAround(snapshot, rows, project),
    nextCursor,
    stageCounts: await readStageCounts(snapshot, project),
    claims: await readClaims(snapshot, project),
    counts: [...(await byProject(snapshot, QUEUE_COUNT, project)).values()],
    usage: [...(await byProject(snapshot, QUEUE_USAGE, project)).values()],
    alerts: await readAlerts(snapshot, project),
    damaged: await readDamage(snapshot, project),
    flakes: await readFlakes(snapshot, project),
  };
}

/** Tasks by stage, final ones too. */
async function readStageCounts(snapshot: Snapshot, project: string | null): Promise<ReadonlyMap<string, number>> {
  let rows = snapshot.rows<StageCount>(QUEUE_STAGE.name).select(['stage', 'count']);
  if (project !== null) rows = rows.where('project', '=', project);
  const counts = new Map<string, number>();
  for (const { stage, count } of await rows.execute()) counts.set(stage, (counts.get(stage) ?? 0) + count);
  return counts;
}

interface StageCount {
  readonly project: string;
  readonly stage: string;
  readonly count: number;
}

async function readClaims(snapshot: Snapshot, project: string | null): Promise<readonly ClaimedJob[]> {
  let rows = snapshot
    .rows<QueueTaskCells>(QUEUE_TASK.name)
    .select(['claimJob', 'claimUntil'])
    .where('claimUntil', 'is not', null);
  if (project !== null) rows = rows.where('project', '=', project);
  return (await rows.execute()).map(({ claimJob, claimUntil }) => ({ job: claimJob ?? '', until: claimUntil ?? '' }));
}

function byStage(
  rows: readonly QueueTask[],
  explained: ReturnType<typeof explainRows>,
  counts: ReadonlyMap<string, number>,
): QueueView['stages'] {
  const entries = rows.flatMap((row) => {
    const why = explained.get(row.task.id);
    return why ? [queueEntry(row, why)] : [];
  });
  return OPEN_STAGES.map((stage) => ({
    stage,
    open: counts.get(stage) ?? 0,
    tasks: entries.filter((entry) => entry.stage === stage),
  }));
}

function projectsOf({ projects }: QueueDeps, around: Surrounded, project: string | null): readonly string[] {
  if (project !== null) return [project];
  const configured = projects.all().map(({ policy }) => policy.project);
  return [...new Set([...configured, ...around.policies.keys(), ...around.lanes.keys()])].sort();
}
