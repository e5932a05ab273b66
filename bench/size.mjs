// One phase of the benchmark of a large store, in a process of its own: `node bench/size.mjs '<job>'`.
import { load1 } from './lib/machine.mjs';
import { memoryMb } from './lib/process-stats.mjs';
import { rounded } from './lib/stats.mjs';
import { PHASES } from './lib/size-phases.mjs';

const job = JSON.parse(process.argv[2] ?? '{}');
const loadBefore = load1();
const startedAt = performance.now();
const { events, ...more } = await PHASES[job.phase](job);
const seconds = (more.seconds ?? performance.now() - startedAt) / 1000;
const { rss, pss } = memoryMb(process.pid);
const record = {
  type: 'size',
  phase: job.phase,
  events,
  seconds: rounded(seconds),
  events_per_s: Math.round(events / seconds),
  rss_mb: rss,
  pss_mb: pss,
  ...(more.bytes && { bytes_per_event: Math.round(more.bytes / events) }),
  load1: [loadBefore, load1()],
  valid: more.why_invalid === undefined,
  why_invalid: more.why_invalid ?? null,
};
process.stdout.write(`${JSON.stringify(record)}\n`);
