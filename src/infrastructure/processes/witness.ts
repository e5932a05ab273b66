import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunResult, SuiteWitness } from '../../application/ports/process-runner';

/** Proof that tests really ran. @returns null when none was asked for. */
export function witnessed(
  witness: SuiteWitness | undefined,
  run: { readonly cwd: string; readonly startedMs: number; readonly output: RunResult['output'] },
): boolean | null {
  if (!witness) return null;
  if (witness.kind === 'file') {
    const stat = statSync(resolve(run.cwd, witness.path), { throwIfNoEntry: false });
    // File systems round times down, to a second at worst.
    return stat !== undefined && stat.isFile() && stat.mtimeMs >= run.startedMs - 1_000;
  }
  const pattern = new RegExp(witness.pattern, 'm');
  return Object.values(run.output).some(({ head, tail }) => pattern.test(Buffer.concat([head, tail]).toString('utf8')));
}
