import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI } from './product.mjs';

const READY_LIMIT_MS = 120_000;

/** Projects on an empty repository. @returns the environment in which the service finds them. */
export function prepareUp(dir, projects, state = join(dir, 'state')) {
  const file = join(dir, 'stagegate.yml');
  const repo = join(dir, 'web.git');
  for (const folder of ['objects', 'refs']) mkdirSync(join(repo, folder), { recursive: true });
  writeFileSync(join(repo, 'HEAD'), 'ref: refs/heads/main\n');
  const lines = projects.map((key) => `  ${key}:\n    repo: ${repo}\n    staging:\n      suite: 'true'\n`);
  writeFileSync(file, `projects:\n${lines.join('')}`);
  const { PATH = '', HOME = '/' } = process.env;
  return { PATH, HOME, NO_COLOR: '1', STAGEGATE_PORT: '0', STAGEGATE_STATE_DIR: state, STAGEGATE_PROJECTS: file };
}

/** Starts the service as users do. `ready` resolves when it says so and its health check agrees. */
export function up(env, cwd) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, 'up'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = readyLine(child).then(async ({ url, atMs }) => {
    const answer = await fetch(`${url}/health/ready`);
    if (!answer.ok) throw new Error(`said it is ready and answers ${answer.status}`);
    return { url, readyMs: atMs - startedAt };
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
