import type { Projects } from '../../application/projects';
import { epochMs, type Instant } from '../../domain/instant';
import type { BreakerFigures } from '../../domain/lane/lane.events';
import { initialLane, type LaneGrant } from '../../domain/lane/lane.decider';
import type { LanePause } from '../../domain/lane/pause';
import { pauseText } from '../../domain/lane/pause-words';
import { forEverySwitch, type SwitchName, type Switches } from '../../domain/policy/switches';
import { NOTHING_SET } from '../../domain/policy/switches.decider';
import { onOrOff, type SwitchInForce, type SwitchOrigin } from '../../domain/policy/switches-in-force';
import type { SetAside } from '../../domain/task/task.commands';
import type { JobRow } from '../../domain/task/job-row';
import { JOB_KINDS, JOBS } from '../../domain/task/job-table';
import { lineOf, waitersNow, type AroundLine } from './explain-tasks';
import { COUNTERS, type Block, type Counter, type Counts } from './projectors/queue-count.projector';
import type { Surrounded } from './queue-rows';

export type CountBlock<B extends Block> = { readonly [C in (typeof COUNTERS)[B][number]]: number };

export interface LaneBlock {
  readonly project: string;
  readonly holder: string | null;
  readonly epoch: string | null;
  readonly since: Instant | null;
  /** A breaker is open, and why; null: none is. */
  readonly paused: PausedBlock | null;
  /** Tasks that could use the lane and wait for it, by id: the first hundred. */
  readonly waiting: readonly string[];
  readonly waitingCount: number;
}

export type PausedBlock = BreakerFigures & {
  readonly since: Instant;
  /** When one task is let in to try. */
  readonly probeAt: Instant;
  /** The task that is in. */
  readonly probe: string | null;
  readonly failedProbes: number;
  readonly text: string;
};

const WAITING_SHOWN = 100;

export type SetAsideBlock = SetAside & { readonly project: string };

export type SwitchBlock = Switches & {
  readonly project: string;
  /** Who says so. Of the past the log alone can tell: what configuration says is as of now then, and is marked so. */
  readonly origins: Readonly<Record<SwitchName, SwitchOrigin & { readonly asOf?: 'now' }>>;
};

/** A block's counters, summed over projects; those that never moved are 0. */
export function countBlock<B extends Block>(counts: readonly Counts[], block: B): CountBlock<B> {
  const names: readonly string[] = COUNTERS[block];
  const total = (name: string) => counts.reduce((sum, some) => sum + (some[`${block}.${name}` as Counter] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, total(name)])) as CountBlock<B>;
}

/** What is claimed at the moment: never more than there are workers' slots. */
export interface ClaimedJob {
  readonly job: string;
  readonly until: Instant;
}

/** How many jobs that a block shows are claimed: those that run, or that land. */
export function claimedOf(
  claims: readonly ClaimedJob[],
  block: JobRow['shown']['block'],
  as: JobRow['shown']['as'] = 'running',
): number {
  const kinds = JOB_KINDS.filter((kind) => {
    const { shown } = JOBS[kind];
    return shown.block === block && shown.as === as;
  });
  return claims.filter(({ job }) => (kinds as readonly string[]).includes(job)).length;
}

export function openClaims(claims: readonly ClaimedJob[], now: Instant): { open: number; overdue: number } {
  return { open: claims.length, overdue: claims.filter(({ until }) => epochMs(until) <= epochMs(now)).length };
}

/** @param isKnown whether there is a policy for the project: without one nothing can be said of its tasks. */
export function laneBlocks(
  { lanes, waiters, switches }: Pick<Surrounded, 'lanes' | 'waiters' | 'switches'>,
  projects: Projects,
  keys: readonly string[],
  { isKnown, ...seen }: Omit<AroundLine, 'switches'> & { readonly isKnown: (project: string) => boolean },
): readonly LaneBlock[] {
  return keys.map((project) => {
    const inForce = projects.switchesInForce(project, switches.get(project) ?? NOTHING_SET);
    const around = { ...seen, switches: onOrOff(inForce) };
    const { grant, pause } = lanes.get(project) ?? initialLane();
    const mine = isKnown(project) ? waiters.filter((waiter) => waiter.project === project) : [];
    const next = grant?.taskId ?? lineOf(mine, around, pause)[0];
    const waiting = waitersNow(mine, around).flatMap(({ taskId }) => (taskId === next ? [] : [taskId]));
    return {
      project,
      holder: grant?.taskId ?? null,
      epoch: grant?.epoch ?? null,
      since: grant?.at ?? null,
      paused: pause && pausedBlock(project, pause, grant),
      waiting: waiting.slice(0, WAITING_SHOWN),
      waitingCount: waiting.length,
    };
  });
}

function pausedBlock(project: string, pause: LanePause, grant: LaneGrant | null): PausedBlock {
  const { cause, runs, failures, tasks, heldMs, from, since, probeAt, failedProbes } = pause;
  const probe = pause.probe !== null && grant?.epoch === pause.probe ? grant.taskId : null;
  const text = pauseText(project, pause, probe);
  return { cause, runs, failures, tasks, heldMs, from, since, probeAt, probe, failedProbes, text };
}

export function switchBlocks(
  { switches }: Pick<Surrounded, 'switches'>,
  projects: Projects,
  keys: readonly string[],
  isPast: boolean,
): readonly SwitchBlock[] {
  return keys.map((project) => {
    const inForce = projects.switchesInForce(project, switches.get(project) ?? NOTHING_SET);
    const origins = forEverySwitch((name) => originOf(inForce[name], isPast));
    return { project, ...onOrOff(inForce), origins };
  });
}

function originOf({ origin }: SwitchInForce, isPast: boolean): SwitchBlock['origins'][SwitchName] {
  return isPast && origin.from !== 'event' ? { ...origin, asOf: 'now' } : origin;
}

export function setAsideBlocks(projects: Projects, keys: readonly string[]): readonly SetAsideBlock[] {
  return keys.flatMap((project) => {
    const why = projects.setAside(project);
    return why ? [{ project, ...why }] : [];
  });
}
