import { availableParallelism } from 'node:os';
import type { RunSpec, Usage } from '../../application/ports/process-runner';

/*
 * When a timeout is the machine's fault. The numbers come from measurements with known mixtures of own and foreign load
 * on two cores: docs/process-runner.md.
 */

/** Share of the time in which nothing of the run (or, without cgroups, something of the machine) got a processor. */
const STALL_SHARE = 0.1;
/** Share of all processors that others used. Two of ours against two of others on two cores are 0.5, less the noise. */
const FOREIGN_SHARE = 0.4;
/** Without cgroups: share of its usual processors below which a run was slowed down. */
const OWN_SHARE = 0.8;
/** Without cgroups: a run that wanted less than this hung. No other process can have kept it from working. */
const LEAST_OWN_CORES = 0.05;

type Timing = Pick<RunSpec, 'timeoutMs' | 'baseline'>;

/**
 * Whether the machine, not the suite, was too slow: the run waited for processors while others used them, and at the pace
 * that was left to it the usual suite could not have finished. A hung suite waits for nothing; one that starts too many
 * processes waits for itself.
 */
export function isStarved(usage: Usage, timing: Timing, cores = availableParallelism()): boolean {
  const foreignCores = usage.machineBusyCores - usage.ownCores;
  const isCrowded = foreignCores >= FOREIGN_SHARE * cores;
  if (usage.psiFullShare === undefined) return isCrowded && isSlowedDown(usage, timing, cores);
  if (usage.psiFullShare < STALL_SHARE) return false;
  const { baseline, timeoutMs } = timing;
  if (!baseline || baseline.ownCores <= 0) return isCrowded;
  return (timeoutMs * usage.ownCores) / baseline.ownCores < baseline.wallMs;
}

function isSlowedDown({ ownCores, sysPsiShare }: Usage, { baseline }: Timing, cores: number): boolean {
  if (ownCores < LEAST_OWN_CORES) return false;
  // Where nobody waits nobody starves: one process of ours and one of others have a core each.
  if (sysPsiShare !== undefined && sysPsiShare < STALL_SHARE) return false;
  return ownCores < OWN_SHARE * Math.min(baseline?.ownCores ?? cores, cores);
}

/** What a timeout was measured by, for people: who used the machine meanwhile, and how much of it. */
export function usageLines(usage: Usage, cores = availableParallelism()): readonly string[] {
  const { ownCores, machineBusyCores, psiFullShare, sysPsiShare, load1, topForeign } = usage;
  const foreignCores = Math.max(0, machineBusyCores - ownCores);
  const stalled = psiFullShare === undefined ? '' : `; it was stalled ${percent(psiFullShare)} of the time`;
  const waited =
    sysPsiShare === undefined ? '' : `, something waited for a processor ${percent(sysPsiShare)} of the time`;
  return [
    `the run used ${ownCores.toFixed(2)} of ${cores} cores, others ${foreignCores.toFixed(2)}${stalled}`,
    `load ${load1[0].toFixed(1)} at the start, ${load1[1].toFixed(1)} at the end${waited}`,
    ...topForeign.map(({ comm, pid, cpuMs, cookie }) => {
      const run = cookie === undefined ? '' : ` of run ${printable(cookie)}`;
      return `process ${pid} (${printable(comm)})${run} used ${(cpuMs / 1000).toFixed(1)} s of CPU meanwhile`;
    }),
  ];
}

/** Processes choose their names and their environment: neither may steer a terminal or fill an event. */
function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
