import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { execa } from 'execa';
import { installedVersion, product } from './product.mjs';

const treeKill = createRequire(import.meta.url)('tree-kill');
const PIPES = ['ignore', 'pipe', 'pipe'];

/**
 * Tools that run a command with a time limit, each as its documentation says to use it.
 *
 * @typedef {{ cwd: string, script: string, timeoutMs: number, graceMs: number }} Job
 * @typedef {{ name: string, run: (job: Job) => Promise<number | 'timeout' | null> }} Tool resolves to the exit code
 */

/** @returns {Tool} */
export function execaTool() {
  return {
    name: `execa ${installedVersion('execa')}`,
    async run({ cwd, script, timeoutMs, graceMs }) {
      const options = { cwd, timeout: timeoutMs, forceKillAfterDelay: graceMs, reject: false, stdin: 'ignore' };
      const { exitCode, timedOut } = await execa('sh', ['-c', script], { ...options, encoding: 'buffer' });
      return timedOut ? 'timeout' : (exitCode ?? null);
    },
  };
}

/** `tree-kill` ends what it is given; the limit and the grace are the caller's to keep. @returns {Tool} */
export function treeKillTool() {
  return {
    name: `tree-kill ${installedVersion('tree-kill')}`,
    async run({ cwd, script, timeoutMs, graceMs }) {
      const child = spawn('sh', ['-c', script], { cwd, stdio: PIPES });
      let isOver = false;
      const timers = [
        setTimeout(() => treeKill(child.pid, 'SIGTERM', () => (isOver = true)), timeoutMs),
        setTimeout(() => treeKill(child.pid, 'SIGKILL', () => undefined), timeoutMs + graceMs),
      ];
      const code = await closed(child);
      timers.forEach(clearTimeout);
      return isOver ? 'timeout' : code;
    },
  };
}

/** @returns {Tool} */
export function timeoutTool() {
  return {
    name: 'timeout -k',
    async run({ cwd, script, timeoutMs, graceMs }) {
      const limits = ['-k', String(graceMs / 1000), String(timeoutMs / 1000)];
      const code = await closed(spawn('timeout', [...limits, 'sh', '-c', script], { cwd, stdio: PIPES }));
      // It kills itself along with its group when the grace is over too.
      return code === 124 || code === 137 || code === null ? 'timeout' : code;
    },
  };
}

/** Nothing around it, and no limit: the floor of the overhead. @returns {Tool} */
export function bareTool() {
  return {
    name: 'bare spawn',
    run: ({ cwd, script }) => closed(spawn('sh', ['-c', script], { cwd, stdio: PIPES })),
  };
}

/**
 * The product, at the best level of this machine or at another one.
 *
 * @param {string} stateDir
 * @param {'best' | 'L1-cookie'} level
 * @returns {Promise<Tool & { level: string }>}
 */
export async function ownTool(stateDir, level) {
  const { createProcessRunner } = product('infrastructure/processes/create-process-runner.js');
  const { cookieIsolation } = product('infrastructure/processes/isolation/levels.js');
  const isolation = level === 'best' ? undefined : cookieIsolation;
  const runner = createProcessRunner({ stateDir, worker: 'bench', treeKill: true, isolation });
  const probed = await runner.probed();
  return {
    name: `stagegate ${probed.isolation.level}`,
    level: probed.isolation.level,
    async run({ cwd, script, timeoutMs, graceMs }) {
      const id = randomUUID();
      const command = { command: 'sh', args: ['-c', script], cwd, env: { PATH: process.env.PATH } };
      const result = await runner.run({ ...command, runId: id, cookie: id, timeoutMs, graceMs });
      if (result.kind === 'executed') return result.exitCode;
      return result.reason.startsWith('timeout') ? 'timeout' : null;
    },
  };
}

function closed(child) {
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}
