import type { RecoveredRun } from '../../application/ports/process-runner';
import { cookieIsolation, type Isolation } from './isolation';
import { sweep } from './kill-sequence';
import { carriers, type RunMark } from './members';
import type { ProcScanner } from './proc-scan';
import { bootId, hasCookie, isAlive, readStat } from './proc-table';
import type { RunFile, RunFiles } from './run-file';

/** Ends what runs of dead owners left. Never by a bare pid: by cookie, or by session if its leader is the recorded one. */
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
  return recovered;
}

async function recoverRun(file: RunFile, scanner: ProcScanner): Promise<RecoveredRun> {
  const { cookie, runId, start } = file;
  const leader = start && readStat(start.pid);
  const isSameLeader = start !== null && leader?.startTicks === start.startTicks;
  // Without its leader a session number may belong to anybody by now; then only the cookie tells.
  const mark: RunMark = { cookie, ...(isSameLeader ? start : NOBODY) };
  const { kill, members } = cookieIsolation(scanner);
  const isolation: Pick<Isolation, 'members' | 'kill'> = isSameLeader
    ? { kill, members }
    : { kill, members: async () => carriers(cookie, await scanner.scan()) };
  const skipped = isSameLeader || start === null ? 0 : await strangers(start.pid, cookie, scanner);
  const { killed } = await sweep(isolation, mark);
  return { runId, cookie, killed, skipped };
}

/** No process and no group has this number. */
const NOBODY = { pid: 0, startTicks: 0 };

async function strangers(sid: number, cookie: string, scanner: ProcScanner): Promise<number> {
  const stats = await scanner.scan();
  return stats.filter((stat) => isAlive(stat) && stat.sid === sid && !hasCookie(stat.pid, cookie)).length;
}

function nothingLeft({ runId, cookie }: RunFile): RecoveredRun {
  return { runId, cookie, killed: 0, skipped: 0 };
}
