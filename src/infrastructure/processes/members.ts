import { cgroupPids } from './cgroup';
import { inSlices } from './proc-scan';
import { hasCookie, isAlive, readStat, type ProcStat } from './proc-table';

/** What identifies a run among all processes of the machine. */
export interface RunMark {
  readonly cookie: string;
  /** The wrapper's pid, which is its process group and session too. */
  readonly pid: number;
  /** Start time of the wrapper; nothing that started before belongs to the run. */
  readonly startTicks: number;
  /** Path of its cgroup; null at levels without one. */
  readonly cgroup: string | null;
}

/**
 * Everything alive that came of a run: its session, whoever carries its cookie, and their descendants. Misses only what
 * left the session, wiped its environment and lost its parent.
 */
export async function family(mark: RunMark, stats: readonly ProcStat[]): Promise<readonly ProcStat[]> {
  const candidates = stats.filter((stat) => stat.startTicks >= mark.startTicks && stat.pid !== process.pid);
  const leader = candidates.find(({ pid }) => pid === mark.pid);
  // A leader that started at another time means that the number is somebody else's by now.
  const isOurSession = leader === undefined || leader.startTicks === mark.startTicks;
  const flags = await inSlices(
    candidates,
    ({ pid, sid }) => (isOurSession && sid === mark.pid) || hasCookie(pid, mark.cookie),
  );
  const seeds = candidates.filter((_, index) => flags[index]);
  return withDescendants(seeds, candidates).filter(isAlive);
}

/** Those that carry the cookie, and their descendants. */
export async function carriers(cookie: string, stats: readonly ProcStat[]): Promise<readonly ProcStat[]> {
  const candidates = stats.filter(({ pid }) => pid !== process.pid);
  const flags = await inSlices(candidates, ({ pid }) => hasCookie(pid, cookie));
  const seeds = candidates.filter((_, index) => flags[index]);
  return withDescendants(seeds, candidates).filter(isAlive);
}

/** The wrapper, if it lives. */
export function wrapperOf({ pid, startTicks }: RunMark): readonly ProcStat[] {
  const stat = readStat(pid);
  return isAlive(stat) && stat.startTicks === startTicks ? [stat] : [];
}

/** Who is in the run's cgroup. */
export function inCgroup({ cgroup }: RunMark): readonly ProcStat[] {
  return cgroup === null ? [] : cgroupPids(cgroup).map(readStat).filter(isAlive);
}

export function union(first: readonly ProcStat[], second: readonly ProcStat[]): readonly ProcStat[] {
  return [...new Map([...first, ...second].map((stat) => [stat.pid, stat])).values()];
}

function withDescendants(seeds: readonly ProcStat[], all: readonly ProcStat[]): readonly ProcStat[] {
  const childrenOf = new Map<number, ProcStat[]>();
  for (const stat of all) {
    const siblings = childrenOf.get(stat.ppid);
    if (siblings) siblings.push(stat);
    else childrenOf.set(stat.ppid, [stat]);
  }
  const found = new Map(seeds.map((stat) => [stat.pid, stat]));
  const open = [...seeds];
  for (let stat = open.pop(); stat !== undefined; stat = open.pop()) {
    for (const child of childrenOf.get(stat.pid) ?? []) {
      if (found.has(child.pid)) continue;
      found.set(child.pid, child);
      open.push(child);
    }
  }
  return [...found.values()];
}
