import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, runCli } from '../support/cli';
import type { Sides } from './by-git';
import type { Actual } from './by-product';
import { BRANCH, type Target } from './ground';

/** Words of a refusal before anything has run, by their reason. */
const REFUSALS: readonly (readonly [reason: string, words: RegExp])[] = [
  ['submodules', /submodule/],
  ['lfs', /Git LFS/],
];

/** The whole program, with a suite that is always green. */
export async function landByCli(target: Target, sides: Sides): Promise<Actual> {
  target.rewind(sides);
  const result = await runCli(['land', BRANCH, '--repo', target.dir, '--suite', 'true', '--json']);
  const { code, stdout, stderr } = result;
  if (stdout.trim() === '') {
    const [reason] = REFUSALS.find(([, words]) => words.test(stderr)) ?? [];
    if (reason !== undefined) return { kind: 'refused', reason, detail: stderr.trim() };
    throw new Error(`land: expected an outcome, saw exit code ${code ?? 'none'} and: ${stderr.trim()}`);
  }
  const said = lastJson(result) as LandResult;
  switch (said.outcome) {
    case 'landed':
      return { kind: 'landed', tip: said.landedOid ?? '', notes: null };
    case 'nothing-to-land':
      return { kind: 'nothing', notes: null };
    case 'conflict': {
      if (said.reason === 'conflict') return { kind: 'conflict', paths: null };
      return { kind: 'refused', reason: said.reason, detail: said.why.text };
    }
    default:
      throw new Error(`land: expected an outcome of a green suite, saw ${said.outcome}: ${said.reason}`);
  }
}
