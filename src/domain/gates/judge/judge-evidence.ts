import type { JsonObject } from '../../json';
import { plainLine } from '../../staging/plain-text';
import type { JudgeFile } from './judge-change';
import type { Owners } from './owners';
import { JUDGE_RULES_VERSION } from './rules';

/** Files that an event names: an override for paths needs all of those that weigh. */
const MOST_PATHS = 50;
const MOST_FILES = 20;
const PATH_CHARS = 200;
const OWNER_CHARS = 80;
const MOST_OWNERS = 5;

/** One run of main's version on the candidate. */
export interface TrialRun {
  readonly exitCode: number;
  readonly durationMs: number;
  readonly runId: string;
  readonly tail: string;
  /** Why its exit code is no verdict: no test ran, say. Null where it is one. */
  readonly doubt: string | null;
}

/** What a second run came to; what is known of an earlier one on the same tree is not found out again. */
export interface Trial {
  readonly treeOid: string;
  /** The first, and the one that was to confirm its red. */
  readonly runs: readonly TrialRun[];
  readonly isKnown: boolean;
}

/**
 * `unchanged`: nothing that judges was touched. `added`: tests were added, and nothing else. `noted`: nobody asks for a second run.
 * `green`: main's version passes, too. `rewritten`: it does not. `contradictory`: it did, and did not. `unproven`: it ran, and by its own count
 * that says nothing.
 */
export const JUDGE_FINDINGS = [
  'unchanged',
  'added',
  'noted',
  'green',
  'rewritten',
  'contradictory',
  'unproven',
] as const;
export type JudgeFinding = (typeof JUDGE_FINDINGS)[number];

export interface JudgeOutcome {
  readonly finding: JudgeFinding;
  readonly files: readonly JudgeFile[];
  /** Of those that the project protects, whatever a run says. */
  readonly protected: readonly string[];
  readonly trial: Trial | null;
}

/** @param trial null where none was made. */
export function findingOf(files: readonly JudgeFile[], trial: Trial | null): JudgeFinding {
  if (trial) {
    const [first, second] = trial.runs;
    if (trial.runs.some(({ doubt }) => doubt !== null)) return 'unproven';
    if (first?.exitCode === 0) return 'green';
    return second?.exitCode === 0 ? 'contradictory' : 'rewritten';
  }
  if (files.some(({ weighs }) => weighs)) return 'noted';
  return files.length === 0 ? 'unchanged' : 'added';
}

/** What the event keeps of it: bounded, and counted where it is cut. */
export function judgeFacts({ finding, files, protected: held, trial }: JudgeOutcome, owners: Owners): JsonObject {
  const paths = pathsAgainst({ finding, files, protected: held });
  return {
    finding,
    fileCount: files.length,
    files: [...files]
      .sort((one, other) => Number(other.weighs) - Number(one.weighs))
      .slice(0, MOST_FILES)
      .map(({ path, kind, change, weighs }) => ({
        change,
        kind,
        owners: ownersOf(path, owners),
        path: plainLine(path, PATH_CHARS),
        weighs,
      })),
    pathCount: paths.length,
    paths: paths.slice(0, MOST_PATHS),
    protectedCount: held.length,
    rules: JUDGE_RULES_VERSION,
    trial: trial && {
      doubt: trial.runs.find(({ doubt }) => doubt !== null)?.doubt ?? null,
      durationMs: durationMs(trial),
      exitCode: trial.runs.at(-1)?.exitCode ?? 0,
      isKnown: trial.isKnown,
      runs: trial.runs.length,
      tree: trial.treeOid,
    },
  };
}

/** Files that a person has to let pass: those that are protected, and, where main's version is red, all that may have made the difference. */
function pathsAgainst({ finding, files, protected: held }: Omit<JudgeOutcome, 'trial'>): readonly string[] {
  const weighing = speaksAgainst(finding) ? files.filter(({ weighs }) => weighs).map(({ path }) => path) : [];
  return [...new Set([...held, ...weighing])].sort();
}

/** Of what came of a second run. */
export function speaksAgainst(finding: JudgeFinding): boolean {
  return finding === 'rewritten' || finding === 'contradictory' || finding === 'unproven';
}

/** What all runs of it took. */
export function durationMs({ runs }: Trial): number {
  return runs.reduce((sum, run) => sum + run.durationMs, 0);
}

/** `changed test/a.test.js (test; owners @web)`. */
export function judgeLine({ path, kind, change }: JudgeFile, owners: Owners): string {
  const names = ownersOf(path, owners);
  const whose = names.length === 0 ? '' : `; owners ${names.join(' ')}`;
  return `${change} ${plainLine(path, PATH_CHARS)} (${kind}${whose})`;
}

function ownersOf(path: string, owners: Owners): readonly string[] {
  return owners(path)
    .slice(0, MOST_OWNERS)
    .map((owner) => plainLine(owner, OWNER_CHARS));
}
