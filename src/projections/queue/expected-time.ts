import type { Instant } from '../../domain/instant';
import { jobKey } from '../../domain/task/job';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { Explanation, TaskStatus } from '../../domain/task/words/why';
import type { Snapshot } from '../read-models';
import type { StepName } from './projectors/queue-pace.projector';
import { QUEUE_TASK, type QueueTaskCells } from './queue.projection';

/** When to expect more, from what this project's tasks took before. */
export interface ExpectedTime {
  /** What is under way: the job that runs, or else the stay at the stage. */
  readonly of: StepName;
  readonly since: Instant;
  /** Half of them, and nine in ten, took at most this long from beginning to end. */
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  /** How many of them there are figures of. */
  readonly samples: number;
  /** Why there are no figures; null when there are. */
  readonly reason: string | null;
}

/** Milliseconds that steps took in one project, in ascending order. */
export type History = ReadonlyMap<StepName, readonly number[]>;

/** With fewer, the next one would change the answer too much. */
export const SAMPLES_NEEDED = 5;
/** Tasks that are asked, the latest first: what was long ago says little about now. */
const TASKS_ASKED = 200;

const NOT_BY_ITSELF: Partial<Record<TaskStatus, string>> = {
  held: 'a person has to move first, and history does not tell when',
  blocked: 'somebody outside has to move first, and history does not tell when',
  finished: 'nothing is left to wait for',
};

/** Beside what `nextStep` says, never instead of it: only how long such steps took. */
export function expectedTime(task: SubmittedTask, { status }: Explanation, history: History): ExpectedTime {
  const step = task.claim
    ? { of: jobKey(task.claim.job), since: task.claim.since }
    : { of: task.stage, since: task.stageSince };
  const times = history.get(step.of) ?? [];
  const samples = times.length;
  const reason =
    NOT_BY_ITSELF[status] ??
    (samples < SAMPLES_NEEDED
      ? `${samples} of ${task.project} came to the end of ${step.of} so far, ${SAMPLES_NEEDED} are needed`
      : null);
  const figures = reason === null ? { p50Ms: rank(times, 0.5), p90Ms: rank(times, 0.9) } : { p50Ms: null, p90Ms: null };
  return { ...step, ...figures, samples, reason };
}

export async function readHistory(snapshot: Snapshot, project: string): Promise<History> {
  const latest = await snapshot
    .rows<QueueTaskCells>(QUEUE_TASK.name)
    .select('ended')
    .where('project', '=', project)
    .where('endedAt', 'is not', null)
    .orderBy('endedAt', 'desc')
    .orderBy('key', 'desc')
    .limit(TASKS_ASKED)
    .execute();
  const history = new Map<StepName, number[]>();
  for (const { ended } of latest) {
    for (const [of, tookMs] of JSON.parse(ended) as [StepName, number][]) {
      const times = history.get(of) ?? [];
      times.push(tookMs);
      history.set(of, times);
    }
  }
  for (const times of history.values()) times.sort((a, b) => a - b);
  return history;
}

/** For a terminal; empty where `why` says it all. */
export function expectedLine({ of, since, p50Ms, p90Ms, samples, reason }: ExpectedTime): string {
  if (p50Ms === null || p90Ms === null) return `not known, ${reason ?? ''}`;
  return `half of ${samples} took at most ${durationText(p50Ms)} for ${of}, nine in ten ${durationText(p90Ms)}; this one began ${since}`;
}

/** The value that this share of all values does not exceed. */
function rank(ascending: readonly number[], share: number): number {
  return ascending[Math.ceil(share * ascending.length) - 1] ?? 0;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In the two largest units that are not 0. */
function durationText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const parts: string[] = [];
  let left = ms;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}
