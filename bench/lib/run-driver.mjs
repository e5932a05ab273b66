import { randomUUID } from 'node:crypto';
import { memoryMb } from './process-stats.mjs';
import { load1 } from './machine.mjs';
import { Meter } from './meter.mjs';
import { rounded } from './stats.mjs';

/** Transitions of one task, in every workload. */
export const STAGES = 8;
/** A task that takes longer than this hangs: no run is worth waiting for it. */
const TASK_LIMIT_MS = 30_000;

/**
 * One run: starts the driver, keeps `C` tasks in flight until the window is over, lets the last ones end, and has the
 * driver check what it stored. @returns the result record; `valid: false` and the reason where a check failed.
 */
export async function runDriver(driver, { C, workload, window, payload, cpuOf }) {
  const loadBefore = load1();
  const meter = new Meter(window, () => ({ node: nodeCpuUs(), ...(cpuOf?.() ?? {}) }));
  const startedAt = performance.now();
  await driver.start({
    C,
    stages: STAGES,
    payload,
    stepStart: (id, k) => meter.stepStarted(id, k),
    done: (id) => meter.done(id),
    acknowledged: meter.acknowledged,
  });
  const readyMs = performance.now() - startedAt;
  await Promise.all(Array.from({ length: C }, () => lane(driver, meter)));
  const pssMb = memoryMb(process.pid).pss;
  const checked = await driver.verify();
  await driver.stop();
  return {
    type: 'run',
    engine: driver.name,
    version: driver.version(),
    workload,
    C,
    tasks: meter.acknowledged.size,
    total_transitions: [...meter.acknowledged.values()].reduce((sum, count) => sum + count, 0),
    ...meter.result(),
    pss_mb: { node: pssMb },
    ready_ms: rounded(readyMs),
    load1: [loadBefore, load1()],
    ...verdict(checked),
  };
}

async function lane(driver, meter) {
  while (!meter.isOver) {
    const id = `t${randomUUID().replaceAll('-', '')}`;
    meter.taskStarted(id);
    await withLimit(driver.task(id), `${driver.name}: task ${id} did not end within ${TASK_LIMIT_MS} ms`);
  }
}

function withLimit(work, message) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), TASK_LIMIT_MS);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function verdict({ gaps, lost, doubled, detail, ...rest }) {
  const faults = [
    ...(gaps > 0 ? [`${gaps} gaps`] : []),
    ...(lost > 0 ? [`${lost} acknowledged transitions lost`] : []),
    ...(doubled > 0 ? [`${doubled} transitions doubled`] : []),
    ...(detail ? [detail] : []),
  ];
  return { ...rest, doubled, valid: faults.length === 0, why_invalid: faults.join('; ') || null };
}

function nodeCpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
