import { table } from './markdown.mjs';
import { groupBy, summarize, withRatios } from './validity.mjs';

/** Ratios first; a row for each engine and number of tasks in flight. */
export function engineTables({ control, sharing }, runs) {
  if (runs.length === 0) return [];
  const cells = groupBy(withRatios(runs, control, sharing), ({ engine, C }) => `${engine}|${C}`);
  const rows = [...cells].map(([key, cell]) => {
    const [engine, C] = key.split('|');
    return { engine, C: Number(C), ...summarize(cell) };
  });
  rows.sort((a, b) => a.C - b.C || order(a, control) - order(b, control));
  const header = [
    'engine',
    'callers',
    `of ${control}`,
    'per second',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'PSS MB',
    'valid, judged',
  ];
  const wrong = runs
    .filter((run) => !run.valid)
    .map(({ engine, C, why_invalid: why }) => `Not valid: ${engine} at ${C}: ${why}.`);
  return [
    table(
      header,
      rows.map((row) => engineRow(row, control)),
    ),
    ...transitionLines(runs),
    ...new Set(wrong),
  ];
}

/** What a transition of each engine that counted it asks of the store: by that its ratio is to be read. */
function transitionLines(runs) {
  const latest = new Map(
    runs.filter((run) => run.valid && run.per_transition && run.C > 1).map((run) => [run.engine, run]),
  );
  return [...latest.values()].map(({ engine, C, per_transition: each, commits_per_transition: commits }) => {
    const database = commits === undefined ? '' : `; ${commits} commits`;
    return `A transition of ${engine} at ${C}: ${each.events} events in ${each.append} appends, ${each.readStream} streams and ${each.readAll} pages read${database}.`;
  });
}

function engineRow(row, control) {
  const {
    engine,
    C,
    ratio,
    least,
    most,
    tps,
    p50,
    p99,
    cpu_us: cpu,
    pss_mb: pss,
    cells,
    valid,
    judged,
    isTooNoisy,
  } = row;
  const isControl = engine === control;
  const shown = isControl ? '1' : isTooNoisy ? 'too noisy' : `${ratio} (${least}–${most})`;
  const counts = isControl ? `${valid} of ${cells}` : `${valid}, ${judged} of ${cells}`;
  return [engine, C, shown, tps, p50, p99 ?? '–', cpu, pss, counts];
}

function order({ engine }, control) {
  return engine === control ? 0 : engine.startsWith('stagegate') ? 2 : 1;
}
