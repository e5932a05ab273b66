import { needsLane } from '../../domain/task/job';
import { RETEST_ARTIFACT } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { Explanation } from '../../domain/task/words/why';
import type { ChangeStat } from '../../infrastructure/git/rebase/change-stat';
import { EXIT } from '../exit-codes';

export type LandOutcome = 'landed' | 'nothing-to-land' | 'rolled-back' | 'conflict' | 'held' | 'stale' | 'cancelled';

export const LAND_EXIT: Readonly<Record<LandOutcome, number>> = {
  landed: EXIT.ok,
  'nothing-to-land': EXIT.ok,
  'rolled-back': EXIT.rolledBack,
  conflict: EXIT.conflict,
  held: EXIT.held,
  stale: EXIT.stale,
  cancelled: EXIT.cancelled,
};

/** The last line of `land --json`. */
export interface LandResult {
  readonly task: string;
  readonly outcome: LandOutcome;
  readonly stage: SubmittedTask['stage'];
  readonly status: string;
  readonly stagingStatus: string | null;
  readonly landedOid: string | null;
  /** What the landing changed in main; null where nothing landed. */
  readonly change: ChangeStat | null;
  readonly reason: string;
  /** The run whose output says most, and the file that has it; null where nothing ran. */
  readonly run: string | null;
  readonly log: string | null;
  /** What a person should know of it besides, a sentence each. */
  readonly notes: readonly string[];
  /** What to do next; null where nothing is left to do. */
  readonly next: string | null;
  /** What failed and what to do, as `why` says it. */
  readonly why: Explanation;
  /** Those that say why; the green one of staging is none when the re-test was red. */
  readonly artifacts: readonly string[];
  readonly events: number;
}

/** What became of a task that no longer moves by itself. */
export function outcomeOf(task: SubmittedTask): LandOutcome {
  if (task.landed) return task.hold ? 'held' : 'landed';
  if (task.nothingToLand) return 'nothing-to-land';
  if (task.hold) return 'held';
  if (task.stage === 'cancelled') return task.lastReason?.startsWith(STALE) ? 'stale' : 'cancelled';
  if (task.stage === 'rejected') return 'cancelled';
  return CONFLICTS.includes(task.lastReason ?? '') ? 'conflict' : 'rolled-back';
}

/** Reasons for which a branch does not come onto main. */
const CONFLICTS: readonly string[] = ['conflict', 'unrelated-history', 'unusable-branch'];

/** Start of the reason with which `land` gives a task up whose branch moved. */
export const STALE = 'stale: ';

export function reasonOf(task: SubmittedTask): string {
  if (task.landed) return `landed as ${task.landed.newOid}`;
  if (task.nothingToLand) return 'main has had every change of the branch';
  return task.hold?.detail ?? task.lastReason ?? task.stage;
}

/** Of a task's artifacts those that say why. What went wrong in the lane came later than those of stages: a green one would mislead. */
export function artifactsFor({ hold, sentBack }: SubmittedTask, names: readonly string[]): readonly string[] {
  const failure = (hold ?? sentBack)?.failure;
  if (!failure || !needsLane(failure.job)) return names;
  return failure.output === undefined ? [] : names.filter((name) => name === RETEST_ARTIFACT.file);
}
