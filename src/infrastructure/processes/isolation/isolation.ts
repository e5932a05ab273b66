import type { IsolationLevel } from '../../../application/ports/process-runner';
import type { RunMark } from '../ending/members';
import type { ProcStat } from '../proc/proc-table';

/** How a run is wrapped, and how everything that came of it is found and ended. One member per level: levels.ts. */
export interface Isolation {
  readonly level: IsolationLevel;
  readonly containment: 'contained' | 'best-effort';
  /** What of the service's own files a run does not see: those that it was told to hide, unless a run of root undoes that. */
  readonly hides: 'nothing' | 'until-undone' | 'for-good';
  /** True when the wrapper stays and reports the command's exit code; false when it becomes the command. */
  readonly reportsExit: boolean;
  /** True when the wrapper starts the command only once somebody has answered it. */
  readonly awaitsAnswer: boolean;
  /**
   * How often in a row nobody may be found before nobody is there: a scan can miss who is being forked meanwhile. Twice as
   * often where somebody was.
   */
  readonly emptyScans: number;
  /** Path of the run's cgroup, made before and removed after it; null at levels without one. */
  readonly cgroupOf: (runId: string) => string | null;
  /** The command line that is spawned; see launch-line.ts for what it says on fd 3. */
  readonly launch: (command: readonly string[], cgroup: string | null) => readonly string[];
  /** Processes of the run that are alive. */
  readonly members: (mark: RunMark) => Promise<readonly ProcStat[]>;
  /** Sends TERM to each of them once: a second one would cut short whoever is tidying up. */
  readonly askToEnd: (mark: RunMark, members: readonly ProcStat[]) => void;
  /** @param round how often it has been tried before. */
  readonly kill: (mark: RunMark, members: readonly ProcStat[], round: number) => void;
}
