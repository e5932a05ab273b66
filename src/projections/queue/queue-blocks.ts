import type { Projects } from '../../application/projects';
import { epochMs, type Instant } from '../../domain/instant';
import type { Switches } from '../../domain/policy/project-policy';
import type { JobKind } from '../../domain/task/job';
import type { Explanation } from '../../domain/task/why';
import { COUNTERS, type Block, type Counter, type Counts } from './queue-count.projector';
import type { OpenQueue } from './queue-rows';

export type CountBlock<B extends Block> = { readonly [C in (typeof COUNTERS)[B][number]]: number };

export interface LaneBlock {
  readonly project: string;
  readonly holder: string | null;
  readonly epoch: string | null;
  readonly since: Instant | null;
  /** Tasks that could use the lane and wait for it. */
  readonly waiting: readonly string[];
}

export type SwitchBlock = Switches & { readonly project: string };

/** A block's counters, summed over projects; those that never moved are 0. */
export function countBlock<B extends Block>(counts: readonly Counts[], block: B): CountBlock<B> {
  const names: readonly string[] = COUNTERS[block];
  const total = (name: string) => counts.reduce((sum, some) => sum + (some[`${block}.${name}` as Counter] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, total(name)])) as CountBlock<B>;
}

export function runningOf({ rows }: OpenQueue, ...kinds: readonly JobKind[]): number {
  return rows.filter(({ task }) => task.claim && kinds.includes(task.claim.job.kind)).length;
}

export function openClaims({ rows }: OpenQueue, now: Instant): { readonly open: number; readonly overdue: number } {
  const claims = rows.flatMap(({ task }) => (task.claim ? [task.claim] : []));
  const overdue = claims.filter(({ deadlineAt }) => epochMs(deadlineAt) <= epochMs(now));
  return { open: claims.length, overdue: overdue.length };
}

export function laneBlocks(
  open: OpenQueue,
  explained: ReadonlyMap<string, Explanation>,
  projects: readonly string[],
): readonly LaneBlock[] {
  return projects.map((project) => {
    const grant = open.lanes.get(project)?.grant ?? null;
    const waiting = open.rows
      .filter(({ task }) => task.project === project && isWaitingForLane(explained.get(task.id)))
      .map(({ task }) => task.id);
    return {
      project,
      holder: grant?.taskId ?? null,
      epoch: grant?.epoch ?? null,
      since: grant?.at ?? null,
      waiting,
    };
  });
}

export function switchBlocks(projects: Projects, keys: readonly string[]): readonly SwitchBlock[] {
  return keys.map((project) => ({ project, ...projects.switches(project) }));
}

function isWaitingForLane(why: Explanation | undefined): boolean {
  return why?.code === 'lane-busy' || why?.code === 'lane-queue';
}
