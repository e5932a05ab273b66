// Results as tables: `node bench/report.mjs` puts those of bench/results into docs/benchmarks.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './lib/product.mjs';
import { judgeTargets } from './lib/targets.mjs';
import { groupBy, summarize, withRatios } from './lib/validity.mjs';
import { embedded } from './suites/embedded.mjs';
import { stagingRun } from './suites/staging-run.mjs';
import { start } from './suites/start.mjs';

const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
const SUITES = [start, stagingRun, embedded];

/** One suite's records as Markdown. */
export function render(suite, records) {
  const [env] = records;
  const parts = [
    machineLine(env),
    targetTable(judgeTargets(records)),
    ...records.flatMap((record) => RENDERERS[record.type]?.(record) ?? []),
    ...engineTables(
      suite,
      records.filter(({ type }) => type === 'run'),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function machineLine(env) {
  const {
    cpu,
    cores,
    ram_mb: ram,
    kernel,
    data_fs: fs,
    node,
    git_sha: sha,
    fdatasync_per_s: flushes,
    load1,
    started_at: at,
  } = env;
  return `${at.slice(0, 10)}, revision ${sha}: ${cores} × ${cpu}, ${Math.round(ram / 1024)} GB, ${kernel}, ${fs}, Node ${node}; ${flushes} flushes of 4 KB a second; load ${load1.toFixed(1)} before.`;
}

function targetTable(targets) {
  if (targets.length === 0) return '';
  const rows = targets.map(({ text, value, most, unit, isMet }) => [
    text,
    `${value} ${unit}`,
    `≤ ${most} ${unit}`,
    isMet ? 'met' : '**missed**',
  ]);
  return table(['figure', 'measured', 'target', ''], rows);
}

const RENDERERS = {
  start: ({ starts, first_ms: first, all_ms: all, load1 }) =>
    `${starts} starts: first ${first} ms (it makes the files), then ${span(all.slice(1))} ms; load ${loads(load1)}.`,
  idle: ({ idle_s: seconds, rss_mb: rss, pss_mb: pss, cpu_percent: cpu, load1 }) =>
    `Idle for ${seconds} s: RSS ${rss} MB, PSS ${pss} MB, ${cpu} % of one processor; load ${loads(load1)}.`,
  'staging-run': (run) =>
    run.valid
      ? `${run.runs} runs, medians: saga ${run.saga_ms} ms = git ${run.git_ms} + bare command ${run.bare_ms} + overhead ${run.overhead_ms} ms (${span(run.overhead_all_ms)}); of the overhead, the process runner ${minus(run.runner_ms, run.bare_ms)} and removing the clone ${run.remove_clone_ms} ms. Claim to stored verdict ${run.claim_to_verdict_ms} ms. Load ${loads(run.load1)}.`
      : `Not valid: ${run.why_invalid}`,
};

/** Ratios first; a row for each engine and number of tasks in flight. */
function engineTables({ control, sharing }, runs) {
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
    ...new Set(wrong),
  ];
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

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function span(values) {
  return `${Math.min(...values)} to ${Math.max(...values)}`;
}

function loads([before, after]) {
  return `${before.toFixed(1)} to ${after.toFixed(1)}`;
}

function minus(a, b) {
  return Math.round((a - b) * 10) / 10;
}

/** @returns the document with the part of that name replaced. */
function withPart(text, name, part) {
  const begin = `<!-- generated: ${name} -->`;
  const end = '<!-- end of generated part -->';
  const from = text.indexOf(begin);
  if (from < 0) throw new Error(`${DOCUMENT}: expected ${begin}, saw none; put it where the part belongs`);
  const to = text.indexOf(end, from);
  return `${text.slice(0, from)}${begin}\n${part}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let text = readFileSync(DOCUMENT, 'utf8');
  for (const suite of SUITES) {
    const file = join(ROOT, 'bench/results', `${suite.name}.jsonl`);
    if (!existsSync(file)) continue;
    const records = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    text = withPart(text, suite.name, render(suite, records));
  }
  writeFileSync(DOCUMENT, text);
}
