import { spawn } from 'node:child_process';
import type { Mutant } from './mutants/mutant';

/** Histories in a process of their own: under Jest's module wrappers the same history takes three times as long. */
export function simulate(
  from: number,
  seeds: number,
  mutant?: Mutant,
): Promise<{ code: number | null; output: string }> {
  const args = ['-r', './test/support/ts-register.cjs', 'test/simulation/simulate.ts'];
  const range = ['--from', String(from), '--seeds', String(seeds)];
  const env = { ...process.env, ...(mutant && { STAGEGATE_SELFTEST_MUTANT: JSON.stringify(mutant) }) };
  const child = spawn(process.execPath, [...args, ...range], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}
