import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FrameCounter } from '../lib/frame-counter.mjs';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { cpuMs, memoryMb, sampledMemory } from '../lib/process-stats.mjs';
import { ROOT } from '../lib/product.mjs';
import { rounded } from '../lib/stats.mjs';

const FAST = { readers: 200, rate: 1_000, seconds: 30, chars: 1 };
/** `takers` of them read all of it in the end; the others go away. */
const SLOW = { readers: 40, takers: 4, megabytes: 64, chars: 1_000, holdMs: 20_000 };
const LAST_WITHIN_MS = 150_000;

/** Many who follow the log as it grows, and some who do not take what they have asked for. */
export const subscribers = {
  name: 'subscribers',
  async run({ fast = FAST, slow = SLOW }, emit) {
    emit(await inService((service) => whoKeepsUp(service, fast)));
    emit(await inService((service) => whoDoesNotRead(service, slow)));
  },
};

async function inService(work) {
  const dir = workFolder();
  const child = fork(join(ROOT, 'bench/subscribers.mjs'), [dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const [{ url }] = await once(child, 'message');
    const order = async (job) => {
      child.send(job);
      const [answer] = await once(child, 'message');
      return answer;
    };
    return await work({ url: `${url}/v1/events`, pid: child.pid, order });
  } finally {
    child.disconnect();
    await once(child, 'exit');
    removeFolder(dir);
  }
}

/** The store begins with nothing: whoever is told every event has seen 1 to the last one. */
async function whoKeepsUp({ url, pid, order }, { readers, rate, seconds, chars }) {
  const loadBefore = load1();
  const counters = await Promise.all(Array.from({ length: readers }, () => new FrameCounter(0).open(url)));
  for (const counter of counters) counter.listen();
  await order({ what: 'rate', rate, seconds: 2, chars });
  const memory = sampledMemory(pid);
  const cpuBefore = cpuMs(pid);
  const { count, seconds: took } = await order({ what: 'rate', rate, seconds, chars });
  await until(() => counters.every(({ events }) => events >= count));
  const rss = memory.stop();
  for (const counter of counters) counter.close();
  const missed = counters.reduce((sum, { events }) => sum + Math.max(0, count - events), 0);
  const wrong = counters.reduce((sum, { gaps, repeated }) => sum + gaps + repeated, 0);
  return {
    type: 'subscribers',
    readers,
    events: count,
    rate: Math.round((rate * seconds) / took),
    told: counters.reduce((sum, { events }) => sum + events, 0),
    missed,
    wrong,
    cpu_percent: Math.round((cpuMs(pid) - cpuBefore) / took / 10),
    rss_mb: { first: rss[0], middle: rss[Math.floor(rss.length / 2)], last: rss.at(-1), most: Math.max(...rss) },
    load1: [loadBefore, load1()],
    valid: missed === 0 && wrong === 0,
  };
}

async function whoDoesNotRead({ url, pid, order }, { readers, takers, megabytes, chars, holdMs }) {
  const loadBefore = load1();
  const { count } = await order({ what: 'fill', events: (megabytes * 1024 * 1024) / chars, chars });
  const before = memoryMb(pid).rss;
  const memory = sampledMemory(pid);
  const counters = await Promise.all(Array.from({ length: readers }, () => new FrameCounter(0).open(url)));
  await delay(holdMs);
  const rss = memory.stop();
  const startedAt = performance.now();
  const taking = counters.slice(0, takers);
  for (const counter of counters.slice(takers)) counter.close();
  for (const counter of taking) counter.listen();
  await until(() => taking.every(({ events }) => events >= count));
  const took = performance.now() - startedAt;
  const after = memoryMb(pid).rss;
  for (const counter of taking) counter.close();
  const missed = taking.reduce((sum, { events }) => sum + Math.max(0, count - events), 0);
  const wrong = taking.reduce((sum, { gaps, repeated }) => sum + gaps + repeated, 0);
  return {
    type: 'slow-subscribers',
    readers,
    takers,
    megabytes,
    events: count,
    missed,
    wrong,
    catch_up_s: rounded(took / 1000),
    rss_mb: { before, waiting: rss.at(-1), most: Math.max(...rss), after },
    load1: [loadBefore, load1()],
    valid: missed === 0 && wrong === 0,
  };
}

async function until(holds) {
  const startedAt = performance.now();
  while (!holds() && performance.now() - startedAt < LAST_WITHIN_MS) await delay(5);
}
