import { availableParallelism } from 'node:os';
import type { RunSpec, Usage } from '../../application/ports/process-runner';

/** Share of the machine that others must have taken for a timeout to count as starved. Source: docs/process-runner.md. */
const FOREIGN_SHARE = 0.5;
const OWN_SHARE = 0.8;
/** A run that wanted less than this hung: no other process can have kept it from working. */
const LEAST_OWN_CORES = 0.05;

/** Whether the machine, not the suite, was too slow: others used it, and the run got less than it usually takes. */
export function isStarved({ ownCores, machineBusyCores }: Usage, baseline: RunSpec['baseline']): boolean {
  const cores = availableParallelism();
  const usual = Math.min(baseline?.ownCores ?? cores, cores);
  if (ownCores < LEAST_OWN_CORES) return false;
  return machineBusyCores - ownCores >= FOREIGN_SHARE * cores && ownCores < OWN_SHARE * usual;
}
