import { setTimeout as delay } from 'node:timers/promises';
import type { RecoveredRun } from '../../../application/ports/process-runner';
import { cgroupPids, isCgroupOf, killCgroup, ownCgroup, removeCgroup, removeOrphans } from '../isolation/cgroup';
import { Deadline } from '../deadline';
import { kill } from './endings';
import { KILL_CAP_MS, sweep, type Sweepable } from './kill-sequence';
import { cookieIsolation } from '../isolation/levels';
import { carriers, type RunMark } from './members';
import type { ProcScanner } from '../proc/proc-scan';
import { bootId, hasCookie, isAlive, readStat } from '../proc/proc-table';
import type { RunFile, RunFiles } from '../run-file';

/** A cgroup that the kernel was told to kill and that is not empty by then hangs in the kernel. */
const CGROUP_CAP_MS = 2_000;
const CGROUP_PAUSE_MS = 2;

/**
 * Ends what runs of dead owners left. Never by a bare pid: by cgroup, by cookie, or by session if its leader is the
 * recorded one.
 */
export async function recoverRuns(
  files: RunFiles,
  scanner: ProcScanner,
  isOwnerDead: (worker: string) => boolean,
): Promise<readonly RecoveredRun[]> {
  const recovered: RecoveredRun[] = [];
  for (const file of files.all()) {
    if (!isOwnerDead(file.worker)) continue;
    recovered.push(file.bootId === bootId() ? await recoverRun(file, scanner) : nothingLeft(file));
    files.remove(file.runId);
  }
  files.tidy();
  const parent = ownCgroup();
  if (parent !== null) removeOrphans(parent);
  return recovered;
}

async function recoverRun(file: RunFile, scanner: ProcScanner): Promise<RecoveredRun> {
  const { cookie, runId, cgroup, start } = file;
  const inCgroup = cgroup !== null && isCgroupOf(cgroup, runId) ? await endCgroup(cgroup) : 0;
  const leader = start && readStat(start.pid);
  const isSameLeader = start !== null && leader?.startTicks === start.startTicks;
  // Without its leader a session number may belong to anybody by now; then only the cookie tells.
  const mark: RunMark = { cookie, cgroup: null, ...(isSameLeader ? start : NOBODY) };
  const bySession = cookieIsolation(scanner);
  const byCookie: Sweepable = { kill, members: async () => carriers(cookie, await scanner.scan()), emptyScans: 2 };
  const skipped = isSameLeader || start === null ? 0 : await strangers(start.pid, cookie, scanner);
  const { killed } = await sweep(isSameLeader ? bySession : byCookie, mark, Deadline.in(KILL_CAP_MS), {
    hasResisted: true,
  });
  return { runId, cookie, killed: killed + inCgroup, skipped };
}

/** No process and no group has this number. */
const NOBODY = { pid: 0, startTicks: 0 };

/** @returns how many were in it. */
async function endCgroup(path: string): Promise<number> {
  const found = cgroupPids(path).length;
  const until = performance.now() + CGROUP_CAP_MS;
  while (cgroupPids(path).length > 0 && performance.now() < until) {
    killCgroup(path);
    await delay(CGROUP_PAUSE_MS);
  }
  await removeCgroup(path);
  return found;
}

async function strangers(sid: number, cookie: string, scanner: ProcScanner): Promise<number> {
  const stats = await scanner.scan();
  return stats.filter((stat) => isAlive(stat) && stat.sid === sid && !hasCookie(stat.pid, cookie)).length;
}

function nothingLeft({ runId, cookie }: RunFile): RecoveredRun {
  return { runId, cookie, killed: 0, skipped: 0 };
}
