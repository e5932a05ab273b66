import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { bootId, isAlive, readStat } from '../../src/infrastructure/processes/proc/proc-table';
import { RunFiles } from '../../src/infrastructure/processes/run-file';
import { ProcessYard } from '../support/process-yard';
import type { UsableLevel } from '../support/usable-levels';
import { atMost, type Finding } from './report';

/** Others take pids at the same time. */
const ATTEMPTS = 200;
/** Of the start times in /proc: 100 a second. */
const TICK_MS = 10;

/** The pid of a dead run is given to a stranger, leader of a group and session of the same number. It has to survive. */
export async function recycledPid({ level, isolation }: UsableLevel, trials: number): Promise<readonly Finding[]> {
  let [forced, killed] = [0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const yard = new ProcessYard({ isolation });
    const files = new RunFiles(yard.stateDir);
    const [runId, cookie] = [`recycled-${trial}`, `cookie-${trial}`];
    const first = sleeper(yard);
    const { pid = 0 } = first;
    const startTicks = readStat(pid)?.startTicks ?? 0;
    await ended(first);
    // Numbers that nobody forces come round after thousands of forks, never within one tick of the start time.
    await delay(TICK_MS);
    const stranger = await withPid(yard, pid);
    if (stranger.pid === pid) forced += 1;
    // Where no pid can be had to order, the record is turned into one of the stranger's pid: the same to a recovery.
    await files.intend({ runId, cookie, worker: 'dead', bootId: bootId(), cgroup: null });
    files.started(runId, { pid: stranger.pid ?? 0, startTicks: startTicks - (stranger.pid === pid ? 0 : 1) });
    await yard.runner.recover(() => true);
    if (!isAlive(readStat(stranger.pid ?? 0))) killed += 1;
    await ended(stranger);
    yard.close();
  }
  const what = `strangers killed in ${trials}, ${forced} of them with the very pid`;
  return [{ section: 'recycled pid', level, what, ...atMost(0, '', killed) }];
}

function sleeper({ work }: ProcessYard): ChildProcess {
  return spawn('sleep', ['60'], { cwd: work, detached: true, stdio: 'ignore' });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function withPid(yard: ProcessYard, pid: number): Promise<ChildProcess> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    } catch {
      // Not for ordinary users.
      return sleeper(yard);
    }
    const child = sleeper(yard);
    if (child.pid === pid || attempt === ATTEMPTS) return child;
    await ended(child);
  }
}
