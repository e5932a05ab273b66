import type { RecoveredRun } from '../../application/ports/process-runner';
import { COOKIE_ISOLATION, type Isolation } from './isolation';
import { sweep } from './kill-sequence';
import { allStats, bootId, hasCookie, isAlive, readStat } from './proc-table';
import type { RunFile, RunFiles } from './run-file';

/** Ends what runs of dead owners left. Never by a bare pid: by cookie, or by group if its leader is the recorded one. */
export async function recoverRuns(
  files: RunFiles,
  isOwnerDead: (worker: string) => boolean,
): Promise<readonly RecoveredRun[]> {
  const recovered: RecoveredRun[] = [];
  for (const file of files.all()) {
    if (!isOwnerDead(file.worker)) continue;
    recovered.push(file.bootId === bootId() ? await recoverRun(file) : nothingLeft(file));
    files.remove(file.runId);
  }
  return recovered;
}

async function recoverRun(file: RunFile): Promise<RecoveredRun> {
  const { cookie, runId, startTicks } = file;
  const leader = file.pgid === null ? null : readStat(file.pgid);
  const isSameLeader = leader !== null && leader.startTicks === startTicks;
  // Without its leader a group number may belong to anybody by now; then only the cookie tells.
  const isolation: Isolation = isSameLeader ? COOKIE_ISOLATION : COOKIE_ONLY;
  const skipped = isSameLeader || file.pgid === null ? 0 : strangers(file.pgid, cookie);
  const { killed } = await sweep(isolation, { cookie, pgid: file.pgid ?? 0, startTicks: startTicks ?? 0 });
  return { runId, cookie, killed, skipped };
}

const COOKIE_ONLY: Isolation = {
  ...COOKIE_ISOLATION,
  members: ({ cookie }) =>
    allStats().filter((stat) => isAlive(stat) && stat.pid !== process.pid && hasCookie(stat.pid, cookie)),
};

function strangers(pgid: number, cookie: string): number {
  return allStats().filter((stat) => isAlive(stat) && stat.pgid === pgid && !hasCookie(stat.pid, cookie)).length;
}

function nothingLeft({ runId, cookie }: RunFile): RecoveredRun {
  return { runId, cookie, killed: 0, skipped: 0 };
}
