import { summarize, groupBy, withRatios } from './validity.mjs';

/** Exit codes of the benchmark. */
export const EXIT = { done: 0, missed: 2, noisy: 3, missing: 4, wrong: 5 };

/** What the project promises, by the record that shows it. `most` and `least` are included. */
export const TARGETS = [
  { type: 'start', field: 'median_ms', most: 1_500, text: 'start to ready', unit: 'ms' },
  { type: 'idle', field: 'rss_mb', most: 150, text: 'idle memory', unit: 'MB' },
  { type: 'staging-run', field: 'overhead_ms', most: 60, text: 'overhead of one staging run', unit: 'ms' },
  { type: 'landing-small', field: 'ratio', most: 8, text: 'landing with a rebase, of `git rebase`', unit: '×' },
  {
    type: 'landing-large',
    field: 'ratio',
    most: 2,
    text: 'the same in a large tree, of `git rebase` and two clones',
    unit: '×',
  },
  { type: 'land-start', field: 'start_ms', most: 300, text: 'start of `land`', unit: 'ms' },
  { type: 'landing-many', field: 'ratio', most: 1.2, text: 'the last of many landings, of the first', unit: '×' },
  { type: 'landing-gates', field: 'added_p95_ms', most: 300, text: 'what gates add to a landing, p95', unit: 'ms' },
  {
    type: 'landing-gates-memory',
    field: 'added_p95_ms',
    most: 300,
    text: 'the same with service and repository in memory',
    unit: 'ms',
  },
  { type: 'reverts', field: 'p95_ms', most: 100, text: 'look for silent reverts, p95', unit: 'ms' },
  { type: 'overhead-L1-cookie', field: 'overhead_ms', most: 20, text: 'overhead of a run at L1', unit: 'ms' },
  { type: 'overhead-L3-both', field: 'overhead_ms', most: 50, text: 'overhead of a run at L3', unit: 'ms' },
  { type: 'hook-storm', field: 'p99_ms', most: 250, text: 'answer to a webhook in a storm, p99', unit: 'ms' },
  { type: 'hook-storm-postgres', field: 'p99_ms', most: 250, text: 'the same on PostgreSQL', unit: 'ms' },
  { type: 'visibility', field: 'p99_ms', most: 100, text: 'append to visible in the queue, p99', unit: 'ms' },
];

/** @returns the targets that these records are about, and whether they are met. */
export function judgeTargets(records) {
  return TARGETS.flatMap((target) => {
    const record = records.find(({ type }) => type === target.type);
    const value = record?.valid ? record[target.field] : null;
    // Too few samples for a percentile: then nothing is said about it.
    if (value === null) return [];
    return [{ ...target, value, isMet: value <= target.most }];
  });
}

/** The exit code: a wrong result is worse than a noisy one, and that worse than a slow one. */
export function verdictOf(suite, records, isGate) {
  if (records.some(({ valid }) => valid === false)) return EXIT.wrong;
  const runs = records.filter(({ type }) => type === 'run');
  if (runs.length > 0 && isTooNoisy(suite, runs)) return EXIT.noisy;
  return isGate && judgeTargets(records).some(({ isMet }) => !isMet) ? EXIT.missed : EXIT.done;
}

function isTooNoisy({ control, sharing }, runs) {
  const judged = withRatios(runs, control, sharing).filter(({ engine }) => engine !== control);
  const cells = groupBy(judged, ({ engine, C }) => `${engine} ${C}`);
  return [...cells.values()].some((cell) => summarize(cell).isTooNoisy);
}
