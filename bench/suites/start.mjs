import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { cpuMs, memoryMb } from '../lib/process-stats.mjs';
import { CLI } from '../lib/product.mjs';
import { median, rounded } from '../lib/stats.mjs';

const STARTS = 10;
const IDLE_MS = 10_000;
/** Work that a start leaves behind is not idling. */
const SETTLE_MS = 1_000;
const READY_LIMIT_MS = 30_000;

/** `stagegate up` as users start it: from spawn to the line that says it is ready, and what it takes to do nothing. */
export const start = {
  name: 'start',
  async run({ starts = STARTS, idleMs = IDLE_MS }, emit) {
    const dir = workFolder();
    try {
      const env = prepare(dir);
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

/** One project with an empty repository, and nothing to do. */
function prepare(dir) {
  const projects = join(dir, 'stagegate.yml');
  const repo = join(dir, 'web.git');
  for (const folder of ['objects', 'refs']) mkdirSync(join(repo, folder), { recursive: true });
  writeFileSync(join(repo, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(projects, `projects:\n  web:\n    repo: ${repo}\n    staging:\n      suite: 'true'\n`);
  const { PATH = '', HOME = '/' } = process.env;
  const state = join(dir, 'state');
  return { PATH, HOME, NO_COLOR: '1', STAGEGATE_PORT: '0', STAGEGATE_STATE_DIR: state, STAGEGATE_PROJECTS: projects };
}

function up(env, cwd) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, 'up'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = readyLine(child).then(async ({ url, atMs }) => {
    const answer = await fetch(`${url}/health/ready`);
    if (!answer.ok) throw new Error(`said it is ready and answers ${answer.status}`);
    return { readyMs: atMs - startedAt };
  });
  const stop = async () => {
    child.kill('SIGINT');
    const code = await ended;
    if (code !== 0) throw new Error(`expected a clean stop, saw exit code ${code}: ${complaint}`);
  };
  return { pid: child.pid, ready, stop };
}

function readyLine(child) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready within ${READY_LIMIT_MS} ms`));
    }, READY_LIMIT_MS);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [, url] = /^ready (http:\S+)\/queue/m.exec(said) ?? [];
      if (!url) return;
      clearTimeout(limit);
      resolve({ url, atMs: performance.now() });
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
}
