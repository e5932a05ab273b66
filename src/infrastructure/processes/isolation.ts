import type { IsolationLevel } from '../../application/ports/process-runner';
import { becoming, reporting } from './launch-line';
import { family, type RunMark } from './members';
import type { ProcScanner } from './proc-scan';
import { isAlive, readStat, type ProcStat } from './proc-table';
import { killGroup, signal } from './signals';

/** How a run is wrapped, and how everything that came of it is found and ended. One member per level. */
export interface Isolation {
  readonly level: IsolationLevel;
  readonly containment: 'contained' | 'best-effort';
  /** True when the wrapper stays and reports the command's exit code; false when it becomes the command. */
  readonly reportsExit: boolean;
  /** The command line that is spawned; see launch-line.ts for what it says on fd 3. */
  readonly launch: (command: string, args: readonly string[]) => readonly string[];
  /** Processes of the run that are alive. */
  readonly members: (mark: RunMark) => Promise<readonly ProcStat[]>;
  /** Sends TERM to each of them once: a second one would cut short whoever is tidying up. */
  readonly askToEnd: (mark: RunMark, members: readonly ProcStat[]) => void;
  readonly kill: (mark: RunMark, members: readonly ProcStat[]) => void;
}

/** Own session and environment cookie: misses only what wiped its environment, left the session and lost its parent. */
export function cookieIsolation(scanner: ProcScanner): Isolation {
  return {
    level: 'L1-cookie',
    containment: 'best-effort',
    reportsExit: true,
    launch: (command, args) => reporting([command, ...args]),
    members: async (mark) => family(mark, await scanner.scan()),
    askToEnd: ({ pid }, members) => {
      // The group at once, so that nobody forks past the signal; the others one by one.
      const hasGroup = members.some(({ pgid }) => pgid === pid) && killGroup(pid, 'SIGTERM');
      for (const stat of members) if (!hasGroup || stat.pgid !== pid) signal(stat, 'SIGTERM');
      // A stopped process takes TERM only when it goes on.
      for (const stat of members) signal(stat, 'SIGCONT');
    },
    kill: ({ pid }, members) => {
      if (members.some(({ pgid }) => pgid === pid)) killGroup(pid, 'SIGKILL');
      for (const stat of members) signal(stat, 'SIGKILL');
    },
  };
}

/** The switch is off: the command itself and nothing else. */
export const NO_ISOLATION: Isolation = {
  level: 'none',
  containment: 'best-effort',
  reportsExit: false,
  launch: (command, args) => becoming([command, ...args]),
  members: ({ pid, startTicks }) => {
    const stat = readStat(pid);
    return Promise.resolve(isAlive(stat) && stat.startTicks === startTicks ? [stat] : []);
  },
  askToEnd: (_mark, members) => {
    for (const stat of members) {
      signal(stat, 'SIGTERM');
      signal(stat, 'SIGCONT');
    }
  },
  kill: (_mark, members) => {
    for (const stat of members) signal(stat, 'SIGKILL');
  },
};
