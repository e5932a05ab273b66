import { setTimeout as delay } from 'node:timers/promises';
import { backlogTaskId } from '../lib/backlog.mjs';
import { runInChild } from '../lib/child.mjs';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { cpuMs, memoryMb } from '../lib/process-stats.mjs';
import { PROJECTS } from '../lib/size-phases.mjs';
import { latencies, rounded } from '../lib/stats.mjs';
import { prepareUp, up } from '../lib/up.mjs';

const TASKS = 100_000;
const EVENTS_PER_TASK = 5.5;
const PHASE_LIMIT_MS = 900_000;
const REQUESTS = 500;
const IDLE_MS = 10_000;
/** Share of one processor below which a second counts as rest: whatever follows a start is over then. */
const AT_REST = 0.05;
const AT_REST_WITHIN_MS = 180_000;

/** A store with a backlog of 100,000 tasks: reading it, making read models from it, and answering from those. */
export const size = {
  name: 'size',
  async run({ tasks = TASKS, rounds = 3 }, emit) {
    const dir = workFolder();
    try {
      const phase = async (name, round = 0) => {
        const job = { phase: name, dir, tasks, events: tasks * EVENTS_PER_TASK, round };
        emit({ ...(await runInChild('size.mjs', job, PHASE_LIMIT_MS)), type: 'size', phase: name, round });
      };
      await phase('fill');
      for (const [floor, measured] of [
        ['raw read', 'full fold'],
        ['floor rebuild', 'rebuild queue'],
      ]) {
        await phase(floor, 0);
        for (let round = 1; round <= rounds; round += 1) {
          await phase(measured, round);
          await phase(floor, round);
        }
      }
      await phase('rebuild all', 1);
      await phase('floor rebuild', rounds + 1);
      await serve(dir, tasks, emit);
    } finally {
      removeFolder(dir);
    }
  },
};

async function serve(dir, tasks, emit) {
  const before = load1();
  const service = up(prepareUp(dir, PROJECTS, dir), dir);
  const { url, readyMs } = await service.ready;
  const tasksOf = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * tasks));
  const idOf = (index) => backlogTaskId(PROJECTS[index % PROJECTS.length], index);
  emit(await ask('page of the queue, just started', Array(REQUESTS).fill(`${url}/queue`)));
  const restMs = await untilAtRest(service.pid);
  emit(
    await ask(
      'one task',
      tasksOf(REQUESTS).map((index) => `${url}/v1/tasks/${idOf(index)}`),
    ),
  );
  emit(
    await ask(
      'why',
      tasksOf(REQUESTS).map((index) => `${url}/v1/tasks/${idOf(index)}/why`),
    ),
  );
  emit(
    await ask(
      'page of one project',
      tasksOf(REQUESTS).map((index) => `${url}/queue?project=${PROJECTS[index % PROJECTS.length]}`),
    ),
  );
  emit(await ask('page of the queue', Array(REQUESTS).fill(`${url}/queue`)));
  const cpuBefore = cpuMs(service.pid);
  await delay(IDLE_MS);
  const cpu = rounded((100 * (cpuMs(service.pid) - cpuBefore)) / IDLE_MS);
  const { rss, pss } = memoryMb(service.pid);
  await service.stop();
  emit({
    type: 'serving',
    tasks,
    ready_ms: rounded(readyMs),
    at_rest_ms: rounded(restMs),
    rss_mb: rss,
    pss_mb: pss,
    cpu_percent: cpu,
    load1: [before, load1()],
    valid: true,
  });
}

/** A service that starts looks at open tasks beside answering. @returns how long it took to come to a second of rest, ms. */
async function untilAtRest(pid) {
  const startedAt = performance.now();
  for (;;) {
    const [before, lookedAt] = [cpuMs(pid), performance.now()];
    await delay(1_000);
    const now = performance.now();
    if (cpuMs(pid) - before < AT_REST * (now - lookedAt)) return lookedAt - startedAt;
    if (now - startedAt > AT_REST_WITHIN_MS) throw new Error(`not at rest within ${AT_REST_WITHIN_MS} ms`);
  }
}

/** Asks one after the other, as one client would. */
async function ask(what, urls) {
  const took = [];
  let bytes = 0;
  for (const url of urls) {
    const startedAt = performance.now();
    const answer = await fetch(url);
    const body = await answer.text();
    took.push(performance.now() - startedAt);
    if (!answer.ok) return { type: 'http', what, valid: false, why_invalid: `${url}: ${answer.status}` };
    bytes = body.length;
  }
  const most = rounded(Math.max(...took));
  return { type: 'http', what, lat_ms: { ...latencies(took), most }, bytes, valid: true };
}
