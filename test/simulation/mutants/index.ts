import { BREAKER } from './breaker';
import { CLAIMS } from './claims';
import { FAILURES } from './failures';
import { GATES } from './gates';
import { HOOKS } from './hooks';
import { LANDINGS } from './landings';
import { PROGRESS } from './progress';
import { SWITCHES } from './switches';
import type { Mutant } from './mutant';

/** Faults that the simulation must find. Every concurrency bug that was ever real gets a line in one of them, and each has a spec. */
export const FAMILIES: Readonly<Record<string, readonly Mutant[]>> = {
  claims: CLAIMS,
  landings: LANDINGS,
  failures: FAILURES,
  gates: GATES,
  progress: PROGRESS,
  switches: SWITCHES,
  breaker: BREAKER,
  hooks: HOOKS,
};

export const MUTANTS = Object.values(FAMILIES).flat();
