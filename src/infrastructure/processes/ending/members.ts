import { cgroupPids } from '../isolation/cgroup';
import { inSlices } from '../proc/proc-scan';
import { allPids, hasCookie, isAlive, readStat, type ProcStat } from '../proc/proc-table';

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
export function family(mark: RunMark, stats: readonly ProcStat[]): Promise<readonly ProcStat[]> {
  return cameOf(
    stats,
    ({ startTicks, pid }) => startTicks >= mark.startTicks && pid !== process.pid,
    ({ pid, sid }) => (sid === mark.pid && isOurSession(mark)) || hasCookie(pid, mark.cookie),
  );
}

/** A leader that started at another time means that the number is somebody else's by now. */
function isOurSession({ pid, startTicks }: RunMark): boolean {
  const leader = readStat(pid);
  return leader === null || leader.startTicks === startTicks;
}

/** Those that carry the cookie, and their descendants. */
export function carriers(cookie: string, stats: readonly ProcStat[]): Promise<readonly ProcStat[]> {
  return cameOf(
    stats,
    ({ pid }) => pid !== process.pid,
    ({ pid }) => hasCookie(pid, cookie),
  );
}

type Judge = (stat: ProcStat) => boolean;

async function cameOf(stats: readonly ProcStat[], mayBeOurs: Judge, isOurs: Judge): Promise<readonly ProcStat[]> {
  const candidates = stats.filter(mayBeOurs);
  const flags = await inSlices(candidates, isOurs);
  const listed = candidates.filter((_, index) => flags[index]);
  const newcomers = whoHasCome(stats).filter(mayBeOurs);
  const seeds = [...listed, ...newcomers.filter(isOurs)];
  return withDescendants(seeds, [...candidates, ...newcomers]).filter(isAlive);
}

/**
 * Who has come since the list was made. One that changes its pid is gone by the time its turn in the list comes, and its
 * successor is not in it: every fifth scan misses one that lives for 15 ms, and a signal to one that was listed comes too
 * late. Newcomers are few and are read as soon as they are listed, which takes microseconds instead of the time of a scan.
 */
function whoHasCome(stats: readonly ProcStat[]): readonly ProcStat[] {
  const known = new Set(stats.map(({ pid }) => pid));
  return allPids()
    .filter((pid) => !known.has(pid))
    .map(readStat)
    .filter((stat) => stat !== null);
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
