import { readStat, type ProcStat } from '../proc/proc-table';

/**
 * Whether a process goes on though what started it is gone, as after the `kill` of `npx`, which ends alone: its parent is of
 * another session than its own. One that leads its session was meant to be alone: service managers, containers and
 * `setsid` make it so.
 *
 * @returns false where that is not to be seen: the parent, or the session, may be of a pid namespace around this one.
 */
export function isLeftAlone(pid: number, look: (pid: number) => ProcStat | null = readStat): boolean {
  const own = look(pid);
  if (own === null || own.sid === own.pid || own.sid === 0 || own.ppid === 0) return false;
  const parent = look(own.ppid);
  return parent !== null && parent.sid !== own.sid;
}
