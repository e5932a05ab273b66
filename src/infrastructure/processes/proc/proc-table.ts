import { closeSync, existsSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/** One line of /proc/<pid>/stat, as far as anybody here needs it. */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
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

export function hasProc(): boolean {
  return existsSync('/proc/self/stat');
}

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
    ppid: number(1),
    pgid: number(2),
    sid: number(3),
    startTicks: number(19),
    cpuTicks: number(11) + number(12),
    childCpuTicks: number(13) + number(14),
  };
}

/** A zombie is dead: it only waits for its parent to say so. */
export function isAlive(stat: ProcStat | null): stat is ProcStat {
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

/** Pids of all processes; empty where there is no /proc. */
export function allPids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    // Not Linux: whoever asks has other means there, or none.
    return [];
  }
}

/** True when the process carries the cookie in its environment. An environment that cannot be read proves nothing. */
export function hasCookie(pid: number, cookie: string): boolean {
  const environ = read(`/proc/${pid}/environ`);
  if (environ === null || !environ.includes(cookie)) return false;
  const entries = environ.split('\0');
  if (entries.includes(`${RUN_VARIABLE}=${cookie}`)) return true;
  return valueOf(entries, OUTER_VARIABLE)?.split(',').includes(cookie) ?? false;
}

/** True when some process has a variable in its environment that begins like this (`NAME=/a/path`); of those that may be looked at. */
export function anyProcessHas(beginning: string): boolean {
  return allPids().some((pid) =>
    read(`/proc/${pid}/environ`)
      ?.split('\0')
      .some((entry) => entry.startsWith(beginning)),
  );
}

/** The run that a process says it belongs to. */
export function cookieOf(pid: number): string | undefined {
  const environ = read(`/proc/${pid}/environ`);
  return environ === null ? undefined : valueOf(environ.split('\0'), RUN_VARIABLE);
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

/** One buffer for all reading: a fresh one for each of a machine's processes costs more than the reading itself. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** @returns the text of a small file of /proc; null when it cannot be read. */
export function read(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Processes come and go between listing and reading; what cannot be read is not there.
    return null;
  }
  try {
    let text = '';
    for (let length = fill(file); length > 0; length = fill(file)) text += buffer.toString('latin1', 0, length);
    return text;
  } catch {
    // It ended while we were reading.
    return null;
  } finally {
    closeSync(file);
  }
}

function fill(file: number): number {
  return readSync(file, buffer, 0, buffer.length, null);
}

function valueOf(entries: readonly string[], name: string): string | undefined {
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
