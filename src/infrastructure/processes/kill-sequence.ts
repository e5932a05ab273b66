import { setTimeout as delay } from 'node:timers/promises';
import type { Isolation, RunMark } from './isolation';
import { isAlive, readStat, type ProcStat } from './proc-table';

const POLL_MS = 10;
const FAST_ROUNDS = 20;
const FAST_PAUSE_MS = 2;
/** A process that KILL does not end hangs in the kernel; waiting longer changes nothing. */
export const KILL_CAP_MS = 2_000;
/** A scan can miss a process that is being forked; two empty ones in a row miss none that stays. */
const EMPTY_SCANS = 2;

/** Asks everything of the run to end. @returns when nothing is alive or the grace is over. */
export async function terminate(isolation: Isolation, mark: RunMark, graceMs: number): Promise<void> {
  // A stopped process takes TERM only when it goes on.
  for (const stat of isolation.members(mark)) {
    signal(stat, 'SIGTERM');
    signal(stat, 'SIGCONT');
  }
  const until = performance.now() + graceMs;
  while (performance.now() < until && isolation.members(mark).length > 0) {
    await delay(Math.min(POLL_MS, Math.max(1, until - performance.now())));
  }
}

export interface Swept {
  /** Processes that were alive and were killed. */
  readonly killed: number;
  readonly survivors: number;
}

/** Kills whatever is left of the run, again and again, until nothing is. */
export async function sweep(isolation: Isolation, mark: RunMark): Promise<Swept> {
  const killed = new Set<string>();
  const until = performance.now() + KILL_CAP_MS;
  let empty = 0;
  let left = 0;
  for (let round = 0; empty < EMPTY_SCANS; round += 1) {
    const members = isolation.members(mark);
    left = members.length;
    empty = left === 0 ? empty + 1 : 0;
    for (const stat of members) {
      killed.add(`${stat.pid}@${stat.startTicks}`);
      signal(stat, 'SIGKILL');
    }
    if (performance.now() > until) break;
    if (left > 0) await delay(round < FAST_ROUNDS ? FAST_PAUSE_MS : POLL_MS);
  }
  return { killed: killed.size, survivors: left };
}

/** Signals a process if it still is the one that was seen: a pid alone may be somebody else's by now. */
export function signal({ pid, startTicks }: ProcStat, name: NodeJS.Signals): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const now = readStat(pid);
  if (!isAlive(now) || now.startTicks !== startTicks) return false;
  try {
    process.kill(pid, name);
    return true;
  } catch {
    // It ended in between, or it changed its user: the next scan tells.
    return false;
  }
}
