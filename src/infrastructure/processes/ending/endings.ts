import type { RunMark } from './members';
import type { ProcStat } from '../proc/proc-table';
import { killGroup, signal } from './signals';

/** Rounds in which the first process of the namespace alone is killed, so that `unshare` reaps it and no zombie stays. */
const INIT_ROUNDS = 10;

/** Asks everybody once. */
export function askToEnd({ pid }: RunMark, members: readonly ProcStat[]): void {
  // The group at once, so that nobody forks past the signal; the others one by one.
  const hasGroup = members.some(({ pgid }) => pgid === pid) && killGroup(pid, 'SIGTERM');
  each(
    members.filter(({ pgid }) => !hasGroup || pgid !== pid),
    'SIGTERM',
  );
  // A stopped process takes TERM only when it goes on.
  each(members, 'SIGCONT');
}

export function kill({ pid }: RunMark, members: readonly ProcStat[]): void {
  if (members.some(({ pgid }) => pgid === pid)) killGroup(pid, 'SIGKILL');
  each(members, 'SIGKILL');
}

/** Asks by way of the first process of a pid namespace, which passes it on. */
export function askInit(mark: RunMark, members: readonly ProcStat[]): void {
  const init = initOf(mark, members);
  // Before there is an init nothing has been started that could tidy up.
  if (!init) {
    askToEnd(mark, members);
    return;
  }
  signal(init, 'SIGTERM');
  each(members, 'SIGCONT');
}

/** Kills the namespace by its first process. @returns false when that did not do: then everybody is to be killed. */
export function killedInit(mark: RunMark, members: readonly ProcStat[], round: number): boolean {
  const init = round < INIT_ROUNDS ? initOf(mark, members) : undefined;
  return init !== undefined && signal(init, 'SIGKILL');
}

/** The wrapper is `unshare` by the time it has a child, and that child is the first process of the namespace. */
function initOf({ pid }: RunMark, members: readonly ProcStat[]): ProcStat | undefined {
  return members.find(({ ppid }) => ppid === pid);
}

export function each(members: readonly ProcStat[], name: NodeJS.Signals): void {
  for (const stat of members) signal(stat, name);
}
