import { loadavg } from 'node:os';
import type { ForeignProcess, RunSpec, Usage } from '../../application/ports/process-runner';
import type { Deadline } from './deadline';
import type { ProcScanner } from './proc/proc-scan';
import { cookieOf, MS_PER_TICK, read, type ProcStat } from './proc/proc-table';

const TOP_FOREIGN = 5;
/** Foreign CPU that is not worth a line. */
const FOREIGN_FLOOR_MS = 100;

/** A run that is over before this does not ask who else was there: the answer would cost more than the run. */
const LOOK_AFTER_MS = 1_000;
const LOOK_AFTER_SHARE = 0.1;

/** What the run itself used, as well as the level of isolation can tell. */
export type OwnUsage = Pick<
  Usage,
  'cpuUserMs' | 'cpuSysMs' | 'source' | 'maxRssBytes' | 'psiSomeShare' | 'psiFullShare'
>;

/** The machine at the beginning of a run: at its end the difference says who used it. */
export class UsageMeter {
  private readonly startedAt = performance.now();
  private readonly busyBefore = busyTicks();
  private readonly stalledBefore = stalledUs();
  private readonly load = loadavg()[0] ?? 0;
  private readonly timer: NodeJS.Timeout;
  private before: ReadonlyMap<string, number> | null = null;

  constructor(
    private readonly scanner: ProcScanner,
    { timeoutMs }: Pick<RunSpec, 'timeoutMs'>,
  ) {
    const afterMs = Math.min(LOOK_AFTER_MS, timeoutMs * LOOK_AFTER_SHARE);
    this.timer = setTimeout(() => void this.look(), afterMs).unref();
  }

  /** To be called when the run is over: what is alive then is somebody else. */
  async finish(own: OwnUsage, deadline: Deadline): Promise<Usage> {
    clearTimeout(this.timer);
    const wallMs = Math.max(1, performance.now() - this.startedAt);
    const stalled = stalledUs();
    return {
      ...own,
      ...(stalled === null ? {} : { sysPsiShare: round((stalled - (this.stalledBefore ?? stalled)) / 1000 / wallMs) }),
      load1: [this.load, loadavg()[0] ?? 0],
      ownCores: round((own.cpuUserMs + own.cpuSysMs) / wallMs),
      machineBusyCores: round(((busyTicks() - this.busyBefore) * MS_PER_TICK) / wallMs),
      topForeign: await this.topForeign(deadline),
    };
  }

  private async look(): Promise<void> {
    this.before = new Map((await this.scanner.scan()).map((stat) => [keyOf(stat), stat.cpuTicks]));
  }

  private async topForeign(deadline: Deadline): Promise<readonly ForeignProcess[]> {
    const { before } = this;
    if (!before) return [];
    const stats = (await deadline.waitFor(this.scanner.scan())) ?? [];
    return stats
      .filter(({ pid }) => pid !== process.pid)
      .map((stat) => ({ stat, cpuMs: (stat.cpuTicks - (before.get(keyOf(stat)) ?? 0)) * MS_PER_TICK }))
      .filter(({ cpuMs }) => cpuMs >= FOREIGN_FLOOR_MS)
      .sort((a, b) => b.cpuMs - a.cpuMs)
      .slice(0, TOP_FOREIGN)
      .map(({ stat: { comm, pid }, cpuMs }) => {
        const cookie = cookieOf(pid);
        return { comm, pid, cpuMs, ...(cookie === undefined ? {} : { cookie }) };
      });
  }
}

/** What the wrapper's shell said of the command and everything that was waited for. */
export function waitedCpu({ userMs, sysMs }: { readonly userMs: number; readonly sysMs: number }): OwnUsage {
  return { cpuUserMs: userMs, cpuSysMs: sysMs, source: 'cutime' };
}

/** What living processes have used so far, and what they waited for: all there is when nobody lived to report. */
export function sampledCpu(members: readonly ProcStat[]): OwnUsage {
  const ticks = members.reduce((sum, { cpuTicks, childCpuTicks }) => sum + cpuTicks + childCpuTicks, 0);
  return { cpuUserMs: ticks * MS_PER_TICK, cpuSysMs: 0, source: 'sampled' };
}

/** Ticks that all processors of the machine have been busy since boot. */
function busyTicks(): number {
  const line = (read('/proc/stat') ?? '').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq;
}

/** Microseconds since boot in which something of the machine waited for a processor; null where the kernel does not say. */
function stalledUs(): number | null {
  const total = /^some .*total=(\d+)/.exec(read('/proc/pressure/cpu') ?? '')?.[1];
  return total === undefined ? null : Number(total);
}

function keyOf({ pid, startTicks }: ProcStat): string {
  return `${pid}@${startTicks}`;
}

function round(value: number): number {
  return Math.round(Math.max(0, value) * 1000) / 1000;
}
