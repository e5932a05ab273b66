import type { IsolationLevel } from '../../application/ports/process-runner';
import { allStats, hasCookie, isAlive, readStat, type ProcStat } from './proc-table';

/** What identifies a run among all processes of the machine. */
export interface RunMark {
  readonly cookie: string;
  /** Process group of the run: the wrapper's pid. */
  readonly pgid: number;
  /** Start time of the wrapper; nothing that started before belongs to the run. */
  readonly startTicks: number;
}

/** How a run is wrapped, and how everything that came of it is found. One member per level. */
export interface Isolation {
  readonly level: IsolationLevel;
  readonly containment: 'contained' | 'best-effort';
  /** The command line that is spawned: says `S` on fd 3, runs the command without fd 3, says `X <code>`. */
  wrap(command: string, args: readonly string[]): readonly string[];
  /** Processes of the run that are alive right now. */
  members(mark: RunMark): readonly ProcStat[];
}

const WRAPPER = `printf 'S\\n' >&3; "$@" 3>&-; rc=$?; printf 'X %s\\n' $rc >&3; exit $rc`;

function wrap(command: string, args: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', WRAPPER, 'stagegate-run', command, ...args];
}

/** Own process group and environment cookie: misses only what wiped its environment and left the group. */
export const COOKIE_ISOLATION: Isolation = {
  level: 'L1-cookie',
  containment: 'best-effort',
  wrap,
  members: ({ cookie, pgid, startTicks }) =>
    allStats().filter((stat) => {
      if (!isAlive(stat) || stat.pid === process.pid || stat.startTicks < startTicks) return false;
      return stat.pgid === pgid || hasCookie(stat.pid, cookie);
    }),
};

/** The switch is off: the direct child only. */
export const NO_ISOLATION: Isolation = {
  level: 'none',
  containment: 'best-effort',
  wrap,
  members: ({ pgid, startTicks }) => {
    const stat = readStat(pgid);
    return isAlive(stat) && stat.startTicks === startTicks ? [stat] : [];
  },
};
