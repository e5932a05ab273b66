import { loads, minus, span, table } from './markdown.mjs';
import { engineTables } from './render-engines.mjs';
import { LANDING_RENDERERS } from './render-landing.mjs';
import { runnerTables } from './render-runner.mjs';
import { sizeTables } from './render-size.mjs';
import { judgeTargets } from './targets.mjs';

/** One suite's records as Markdown. */
export function render(suite, records) {
  const [env] = records;
  const parts = [
    machineLine(env),
    targetTable(judgeTargets(records)),
    ...records.flatMap((record) => RENDERERS[record.type]?.(record) ?? []),
    ...sizeTables(records),
    ...runnerTables(records),
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
  ...LANDING_RENDERERS,
  start: ({ starts, first_ms: first, all_ms: all, load1 }) =>
    `${starts} starts: first ${first} ms (it makes the files), then ${span(all.slice(1))} ms; load ${loads(load1)}.`,
  idle: ({ idle_s: seconds, rss_mb: rss, pss_mb: pss, cpu_percent: cpu, load1 }) =>
    `Idle for ${seconds} s: RSS ${rss} MB, PSS ${pss} MB, ${cpu} % of one processor; load ${loads(load1)}.`,
  serving: ({ tasks, ready_ms: ready, at_rest_ms: rest, rss_mb: rss, pss_mb: pss, cpu_percent: cpu, load1 }) =>
    `Serving ${tasks} open tasks: ready after ${ready} ms; a first second below 5 % of one processor ${rest} ms after 500 answers; at the end RSS ${rss} MB, PSS ${pss} MB, ${cpu} % of one processor; load ${loads(load1)}.`,
  reverts: ({ files, commits, candidates, median_ms: middle, p95_ms: p95, silent, load1 }) =>
    `${candidates} candidates of five files on a tree of ${files} files, with ${commits} commits on main and a window of 500: median ${middle} ms, p95 ${p95} ms; ${silent} took something back and were found; load ${loads(load1)}.`,
  subscribers: ({ readers, events, rate, told, missed, cpu_percent: cpu, rss_mb: rss, load1 }) =>
    `${readers} subscribers, ${rate} events a second, ${events} in all: ${told} told, ${missed} missed, none twice. The service took ${cpu} % of one processor and ${rss.first} MB at first, ${rss.middle} in the middle, ${rss.last} at the end, ${rss.most} at most; load ${loads(load1)}.`,
  'slow-subscribers': ({ readers, takers, megabytes, events, missed, catch_up_s: took, rss_mb: rss, load1 }) =>
    `${readers} subscribers of a log of ${megabytes} MiB (${events} events) that read nothing for 20 s: ${rss.before} MB before, ${rss.waiting} while they wait, ${rss.most} at most. Then ${takers} of them read all of it in ${took} s, ${missed} missed; ${rss.after} MB after that; load ${loads(load1)}.`,
  'hook-storm': hookStorm,
  'hook-storm-postgres': hookStorm,
  'hook-burst': hookBurst,
  'hook-burst-postgres': hookBurst,
  server: ({ pg_version: version, pg_show: show, data_fs: fs }) =>
    `PostgreSQL ${version} on ${fs}, ${Object.entries(show)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}.`,
  visibility: ({ p50_ms: p50, p99_ms: p99, samples, load1 }) =>
    `From the acknowledged append to the queue that shows it, two tasks in flight: p50 ${p50} ms, p99 ${p99 ?? '–'} ms, ${samples} samples; load ${loads(load1)}.`,
  unavailable: ({ engine, reason }) => `${engine}: not available here (${reason}).`,
  'staging-run': (run) =>
    run.valid
      ? `${run.runs} runs, medians: saga ${run.saga_ms} ms = git ${run.git_ms} + bare command ${run.bare_ms} + overhead ${run.overhead_ms} ms (${span(run.overhead_all_ms)}); of the overhead, the process runner ${minus(run.runner_ms, run.bare_ms)} and removing the clone ${run.remove_clone_ms} ms. Claim to stored verdict ${run.claim_to_verdict_ms} ms. Load ${loads(run.load1)}.`
      : `Not valid: ${run.why_invalid}`,
};

function hookStorm(run) {
  return `${run.store}: ${run.deliveries} deliveries in ${run.seconds} s, each of ${run.distinct} twice and in any order: ${hookFigures(run)}`;
}

function hookBurst(run) {
  return `${run.store}: ${run.deliveries} deliveries at once over ${run.connections} connections, each of ${run.distinct} twice, taken in ${run.seconds} s: ${hookFigures(run)}`;
}

function hookFigures({
  p50_ms: p50,
  p99_ms: p99,
  most_ms: most,
  refused,
  resent,
  events,
  evidence,
  rest_ms: rest,
  ...run
}) {
  const { cpu_ms_each: cpu, rss_mb: rss, load1 } = run;
  const recorded = `${events} events, and what they say of checks ${evidence} times in tasks, the last ${rest} ms after the last answer`;
  return `answered after ${p50} ms (p50), ${p99} ms (p99), ${most} ms at most, ${refused} refused, ${resent} sent again as their connection was closed; ${recorded}. ${cpu} ms of processor time each; ${rss.before} MB before, ${rss.most} at most, ${rss.last} at the end; load ${loads(load1)}.`;
}
