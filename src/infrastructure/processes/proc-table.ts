import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One line of /proc/<pid>/stat, as far as anybody here needs it. */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly pgid: number;
  /** Clock ticks after boot: with the pid and the boot id this names a process for good. */
  readonly startTicks: number;
  /** Own and waited-for children's CPU time, clock ticks. */
  readonly cpuTicks: number;
  readonly childCpuTicks: number;
}

/** Linux reports 100 ticks a second to user space on every architecture. */
export const MS_PER_TICK = 10;
export const RUN_VARIABLE = 'SG_RUN';
/** Cookies of the runs around a run, when a suite runs suites itself. */
export const OUTER_VARIABLE = 'SG_OUTER';

/** @returns null when there is no such process (any more). */
export function readStat(pid: number | 'self'): ProcStat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name is in parentheses and may hold anything, parentheses included.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    pgid: number(2),
    startTicks: number(19),
    cpuTicks: number(11) + number(12),
    childCpuTicks: number(13) + number(14),
  };
}

/** A zombie is dead: it only waits for its parent to say so. */
export function isAlive(stat: ProcStat | null): stat is ProcStat {
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

export function allStats(): ProcStat[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    return stat ? [stat] : [];
  });
}

/** True when the process carries the cookie in its environment. An environment that cannot be read proves nothing. */
export function hasCookie(pid: number, cookie: string): boolean {
  const environ = read(`/proc/${pid}/environ`);
  if (environ === null || !environ.includes(cookie)) return false;
  return environ.split('\0').some((entry) => {
    if (entry === `${RUN_VARIABLE}=${cookie}`) return true;
    return (
      entry.startsWith(`${OUTER_VARIABLE}=`) &&
      entry
        .slice(OUTER_VARIABLE.length + 1)
        .split(',')
        .includes(cookie)
    );
  });
}

/** Changes with every boot: pids and start times of another boot mean nothing. */
export function bootId(): string {
  return (read('/proc/sys/kernel/random/boot_id') ?? '').trim();
}

export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux, or /proc is restricted: then all processes of this host share one name.
    return 'pid:unknown';
  }
}

export function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Processes come and go between listing and reading; what cannot be read is not there.
    return null;
  }
}
