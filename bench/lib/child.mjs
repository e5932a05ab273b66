import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './product.mjs';

/** No run is worth more: one that takes longer hangs. */
const LIMIT_MS = 120_000;

/**
 * Runs one measurement in a process of its own.
 *
 * @param {string} script below bench/
 * @param {object} job its only argument
 * @param {number} limitMs after which it counts as hanging
 * @returns its record; one that is not valid, with the reason, when it broke.
 */
export function runInChild(script, job, limitMs = LIMIT_MS) {
  const args = [join(ROOT, 'bench', script), JSON.stringify(job)];
  return new Promise((resolve) => {
    const options = { timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 16 * 2 ** 20, env: { ...process.env } };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (!error && line.startsWith('{')) return resolve(JSON.parse(line));
      const said = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1);
      resolve({ type: 'run', valid: false, why_invalid: said || `ended with ${error?.code ?? error?.signal}` });
    });
  });
}
