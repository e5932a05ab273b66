import { availableParallelism, loadavg } from 'node:os';
import type { ForeignProcess, RunSpec, Usage } from '../../application/ports/process-runner';
import type { Isolation, RunMark } from './isolation';
import { allStats, MS_PER_TICK, read, readStat, type ProcStat } from './proc-table';

const TOP_FOREIGN = 5;
/** Foreign CPU that is not worth a line. */
const FOREIGN_FLOOR_MS = 100;
/** Share of the machine that others must have taken for a timeout to count as starved. Source: docs/process-runner.md. */
const STARVED_FOREIGN_SHARE = 0.5;
const STARVED_OWN_SHARE = 0.8;

/** The machine before the run: afterwards the difference says who used it. */
export class UsageMeter {
  private readonly startedAt = performance.now();
  private readonly before = new Map(allStats().map((stat) => [keyOf(stat), stat.cpuTicks]));
  private readonly busyBefore = busyTicks();
  private readonly waitedBefore = readStat('self')?.childCpuTicks ?? 0;
  private readonly load = loadavg()[0] ?? 0;
  private sampledTicks = 0;

  /** Notes what the run has used so far; to be called before it is killed, when nobody waits for its processes. */
  sample(isolation: Isolation, mark: RunMark): void {
    const members = isolation.members(mark);
    this.sampledTicks = members.reduce((sum, { cpuTicks, childCpuTicks }) => sum + cpuTicks + childCpuTicks, 0);
  }

  finish(wasAlone: boolean, cookieOf: (pid: number) => string | undefined): Usage {
    const wallMs = Math.max(1, performance.now() - this.startedAt);
    const waited = (readStat('self')?.childCpuTicks ?? 0) - this.waitedBefore;
    const isSampled = this.sampledTicks > 0 || !wasAlone;
    const ownMs = (isSampled ? this.sampledTicks : waited) * MS_PER_TICK;
    return {
      cpuUserMs: ownMs,
      cpuSysMs: 0,
      source: isSampled ? 'sampled' : 'cutime',
      ...pressure(),
      load1: [this.load, loadavg()[0] ?? 0],
      ownCores: round(ownMs / wallMs),
      machineBusyCores: round(((busyTicks() - this.busyBefore) * MS_PER_TICK) / wallMs),
      topForeign: this.topForeign(cookieOf),
    };
  }

  private topForeign(cookieOf: (pid: number) => string | undefined): readonly ForeignProcess[] {
    return allStats()
      .filter(({ pid }) => pid !== process.pid)
      .map((stat) => ({ stat, cpuMs: (stat.cpuTicks - (this.before.get(keyOf(stat)) ?? 0)) * MS_PER_TICK }))
      .filter(({ cpuMs }) => cpuMs >= FOREIGN_FLOOR_MS)
      .sort((a, b) => b.cpuMs - a.cpuMs)
      .slice(0, TOP_FOREIGN)
      .map(({ stat: { comm, pid }, cpuMs }) => {
        const cookie = cookieOf(pid);
        return { comm, pid, cpuMs, ...(cookie === undefined ? {} : { cookie }) };
      });
  }
}

/** Whether the machine, not the suite, was too slow: others used it, and the run got less than it usually takes. */
export function isStarved({ ownCores, machineBusyCores }: Usage, baseline: RunSpec['baseline']): boolean {
  const cores = availableParallelism();
  const usual = Math.min(baseline?.ownCores ?? cores, cores);
  return machineBusyCores - ownCores >= STARVED_FOREIGN_SHARE * cores && ownCores < STARVED_OWN_SHARE * usual;
}

/** Ticks that all processors of the machine have been busy since boot. */
function busyTicks(): number {
  const line = (read('/proc/stat') ?? '').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

function pressure(): { sysPsiShare?: number } {
  const share = /^some avg10=([\d.]+)/.exec(read('/proc/pressure/cpu') ?? '')?.[1];
  return share === undefined ? {} : { sysPsiShare: round(Number(share) / 100) };
}

function keyOf({ pid, startTicks }: ProcStat): string {
  return `${pid}@${startTicks}`;
}

function round(value: number): number {
  return Math.round(Math.max(0, value) * 1000) / 1000;
}
