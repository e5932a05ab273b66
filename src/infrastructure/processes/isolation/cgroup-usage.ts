import { join } from 'node:path';
import { mounts, ownCgroup, under } from './cgroup';
import { read } from '../proc/proc-table';
import type { OwnUsage } from '../usage';

/** What the kernel counted for everything that was ever in a cgroup, also for what nobody waited for. */
export function cgroupUsage(path: string, wallMs: number): OwnUsage | null {
  const cpu = fields(join(path, 'cpu.stat'));
  const userUs = cpu.get('user_usec');
  const sysUs = cpu.get('system_usec');
  if (userUs === undefined || sysUs === undefined) return null;
  const pressure = read(join(path, 'cpu.pressure')) ?? '';
  const share = (kind: 'some' | 'full') => {
    const totalUs = new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(pressure)?.[1];
    return totalUs === undefined ? undefined : Math.min(1, Math.round(Number(totalUs) / wallMs) / 1000);
  };
  const [psiSomeShare, psiFullShare] = [share('some'), share('full')];
  const peak = Number(read(join(path, 'memory.peak')) ?? Number.NaN);
  return {
    cpuUserMs: Math.round(userUs / 1000),
    cpuSysMs: Math.round(sysUs / 1000),
    source: 'cgroup',
    ...(psiSomeShare === undefined ? {} : { psiSomeShare }),
    ...(psiFullShare === undefined ? {} : { psiFullShare }),
    ...(Number.isFinite(peak) ? { maxRssBytes: peak } : {}),
  };
}

/**
 * Files that count what the kernel killed for want of memory in the memory cgroup of this process, which is that of its
 * runs; empty where no memory controller is. Other runs of this process count into the same file.
 */
export function oomCounters(): readonly string[] {
  const v2 = ownCgroup();
  if (v2 !== null && read(join(v2, 'memory.events')) !== null) return [join(v2, 'memory.events')];
  const mount = mounts().find(({ type, options }) => type === 'cgroup' && options.split(',').includes('memory'));
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1];
  const v1 = mount && own !== undefined ? under(mount, own) : null;
  return v1 === null ? [] : [join(v1, 'memory.oom_control')];
}

export function oomKills(counters: readonly string[]): number {
  return counters.reduce((sum, path) => sum + (fields(path).get('oom_kill') ?? 0), 0);
}

function fields(path: string): ReadonlyMap<string, number> {
  const lines = (read(path) ?? '').split('\n').map((line) => line.split(' '));
  return new Map(lines.map(([name = '', value]) => [name, Number(value)]));
}
