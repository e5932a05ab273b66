import { simulate } from '../in-own-process';
import type { Mutant } from './mutant';

export const HUNT_MS = 300_000;
const MOST_SEEDS = 1_000;

/** Some history breaks an invariant that is there for such a fault. */
export async function expectNoticed(mutant: Mutant): Promise<void> {
  const { code, output } = await simulate(mutant.from ?? 1, MOST_SEEDS, mutant);
  const said = output.slice(-2_000);
  expect({ code, said }).toMatchObject({ code: 1 });
  const broken = [...new Set(output.match(/^I\d+b?(?= )/gm))];
  const isCaught = broken.some((invariant) => mutant.caughtBy.includes(invariant));
  expect({ isCaught, said }).toEqual({ isCaught: true, said });
}
