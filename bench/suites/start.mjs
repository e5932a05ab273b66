import { setTimeout as delay } from 'node:timers/promises';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { cpuMs, memoryMb } from '../lib/process-stats.mjs';
import { median, rounded } from '../lib/stats.mjs';
import { prepareUp, up } from '../lib/up.mjs';

const STARTS = 10;
const IDLE_MS = 10_000;
/** Work that a start leaves behind is not idling. */
const SETTLE_MS = 1_000;

/** `stagegate up` as users start it: from spawn to the line that says it is ready, and what it takes to do nothing. */
export const start = {
  name: 'start',
  async run({ starts = STARTS, idleMs = IDLE_MS }, emit) {
    const dir = workFolder();
    try {
      const env = prepareUp(dir, ['web']);
      const before = load1();
      const times = [];
      for (let index = 0; index < starts; index += 1) times.push(await startOnce(env, dir));
      emit({
        type: 'start',
        starts,
        first_ms: rounded(times[0]),
        median_ms: rounded(median(times)),
        all_ms: times.map(rounded),
        load1: [before, load1()],
        valid: true,
      });
      emit(await idle(env, dir, idleMs));
    } finally {
      removeFolder(dir);
    }
  },
};

async function startOnce(env, dir) {
  const service = up(env, dir);
  const { readyMs } = await service.ready;
  await service.stop();
  return readyMs;
}

async function idle(env, dir, idleMs) {
  const before = load1();
  const service = up(env, dir);
  await service.ready;
  await delay(SETTLE_MS);
  const cpuBefore = cpuMs(service.pid);
  await delay(idleMs);
  const usedMs = cpuMs(service.pid) - cpuBefore;
  const memory = memoryMb(service.pid);
  await service.stop();
  return {
    type: 'idle',
    idle_s: idleMs / 1000,
    rss_mb: memory.rss,
    pss_mb: memory.pss,
    cpu_percent: rounded((100 * usedMs) / idleMs),
    load1: [before, load1()],
    valid: true,
  };
}
