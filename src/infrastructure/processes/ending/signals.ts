import { isAlive, readStat, type ProcStat } from '../proc/proc-table';

/** Signals a process if it still is the one that was seen: a pid alone may be somebody else's by now. */
export function signal({ pid, startTicks }: ProcStat, name: NodeJS.Signals): boolean {
  const now = readStat(pid);
  if (!isAlive(now) || now.startTicks !== startTicks) return false;
  return send(pid, name);
}

/** Signals a process group that has just been seen to have members, which keep its number from being used again. */
export function killGroup(pgid: number, name: NodeJS.Signals): boolean {
  return isOrdinary(pgid) && send(-pgid, name);
}

/** Zombies count: only for systems that have no /proc to tell. */
export function groupHasMembers(pgid: number): boolean {
  if (!isOrdinary(pgid)) return false;
  try {
    return process.kill(-pgid, 0);
  } catch {
    // Nobody is in it.
    return false;
  }
}

function send(target: number, name: NodeJS.Signals): boolean {
  if (!isOrdinary(Math.abs(target))) return false;
  try {
    process.kill(target, name);
    return true;
  } catch {
    // It ended in between, or it changed its user: the next scan tells.
    return false;
  }
}

/** 0, 1, -1 and NaN would mean ourselves, init, everything, or a throw. */
function isOrdinary(pid: number): boolean {
  return Number.isInteger(pid) && pid > 1;
}
