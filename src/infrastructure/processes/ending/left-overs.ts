import { carriers, inCgroup } from './members';
import type { ProcScanner } from '../proc/proc-scan';
import { bootId } from '../proc/proc-table';
import type { RunFiles } from '../run-file';

export interface LeftOver {
  readonly runId: string;
  /** Processes of it that are alive. */
  readonly pids: readonly number[];
}

/** Runs whose owners are dead and that nobody has cleaned up after yet. Looks only; `recoverRuns` ends them. */
export async function leftOvers(
  files: RunFiles,
  scanner: ProcScanner,
  isOwnerDead: (worker: string) => boolean,
): Promise<readonly LeftOver[]> {
  const orphaned = files.all().filter(({ worker }) => isOwnerDead(worker));
  // One look for all; processes of another boot are certainly gone.
  const stats = orphaned.length > 0 ? await scanner.scan() : [];
  const left: LeftOver[] = [];
  for (const { runId, cookie, cgroup, bootId: boot } of orphaned) {
    const alive =
      boot === bootId() ? [...(await carriers(cookie, stats)), ...inCgroup({ cookie, cgroup, ...NOBODY })] : [];
    left.push({ runId, pids: [...new Set(alive.map(({ pid }) => pid))] });
  }
  return left;
}

/** Who the wrapper was does not matter here: its number may be somebody else's by now. */
const NOBODY = { pid: 0, startTicks: 0 };
