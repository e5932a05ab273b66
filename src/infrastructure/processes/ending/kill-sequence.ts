import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult } from '../../../application/ports/process-runner';
import type { Deadline } from '../deadline';
import type { Isolation } from '../isolation/isolation';
import type { RunMark } from './members';
import type { ProcStat } from '../proc/proc-table';

const POLL_MS = 10;
const FAST_ROUNDS = 20;
const FAST_PAUSE_MS = 2;
/** A process that KILL does not end hangs in the kernel; waiting longer changes nothing. */
export const KILL_CAP_MS = 1_500;

export interface EndOfAll extends Pick<RunResult, 'leaked' | 'survivors' | 'killTimeline'> {
  /** Who was alive when the run was told to end; empty when it ended by itself. */
  readonly interrupted: readonly ProcStat[];
}

/**
 * Ends everything of a run, also of one that ended by itself.
 *
 * @param graceMs null when it ended by itself: nothing is asked then, what is left is killed.
 */
export async function endAll(
  isolation: Isolation,
  mark: RunMark,
  graceMs: number | null,
  { clock, deadline }: { readonly clock: () => number; readonly deadline: Deadline },
): Promise<EndOfAll> {
  if (graceMs === null) {
    const { killed, survivors } = await sweep(isolation, mark, deadline);
    return { leaked: killed, survivors, interrupted: [] };
  }
  const termAt = clock();
  const interrupted = await terminate(isolation, mark, graceMs);
  const killAt = clock();
  const { survivors } = await sweep(isolation, mark, deadline, { hasResisted: interrupted.length > 0 });
  return { leaked: 0, survivors, interrupted, killTimeline: { termAt, killAt, emptyAt: clock() } };
}

/** Asks everything of the run to end, and waits until nothing is alive or the grace is over. @returns who was asked. */
async function terminate(isolation: Isolation, mark: RunMark, graceMs: number): Promise<readonly ProcStat[]> {
  const until = performance.now() + graceMs;
  const asked = await isolation.members(mark);
  isolation.askToEnd(mark, asked);
  for (let members = asked; members.length > 0 && performance.now() < until;) {
    await delay(Math.min(POLL_MS, Math.max(1, until - performance.now())));
    members = await isolation.members(mark);
  }
  return asked;
}

export interface Swept {
  /** Processes that were alive and were killed. */
  readonly killed: number;
  readonly survivors: number;
}

export type Sweepable = Pick<Isolation, 'members' | 'kill' | 'emptyScans'>;

/**
 * Kills whatever is left of the run, again and again, until nothing is. Where somebody was there it looks twice as often
 * before it believes that, and not in one go: a scan misses a process in the instant in which it becomes another program
 * (one scan in a hundred of one that does so every 15 ms), and on a starved machine that instant is longer than a scan.
 *
 * @param hasResisted whether somebody is known to have been there.
 */
export async function sweep(
  isolation: Sweepable,
  mark: RunMark,
  deadline: Deadline,
  { hasResisted = false }: { readonly hasResisted?: boolean } = {},
): Promise<Swept> {
  const killed = new Set<string>();
  const cap = deadline.within(KILL_CAP_MS);
  for (let round = 0, empty = 0; ; round += 1) {
    const members = await isolation.members(mark);
    empty = members.length === 0 ? empty + 1 : 0;
    for (const { pid, startTicks } of members) killed.add(`${pid}@${startTicks}`);
    isolation.kill(mark, members, round);
    const wasThere = hasResisted || killed.size > 0;
    const needed = isolation.emptyScans * (wasThere ? 2 : 1);
    if (empty === needed || cap.isOver()) return { killed: killed.size, survivors: members.length };
    if (wasThere) await delay(round < FAST_ROUNDS ? FAST_PAUSE_MS : POLL_MS);
  }
}
