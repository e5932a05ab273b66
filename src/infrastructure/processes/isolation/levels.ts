import { cgroupOf, killCgroup } from './cgroup';
import { askInit, askToEnd, each, kill, killedInit } from '../ending/endings';
import type { Isolation } from './isolation';
import {
  becoming,
  dyingWith,
  hiding,
  type Hiding,
  inPidNamespace,
  joining,
  launchLine,
  namespaceInit,
  type InitTools,
  reporting,
  type LaunchPart,
} from '../launch/launch-line';
import { family, inCgroup, union, wrapperOf } from '../ending/members';
import type { ProcScanner } from '../proc/proc-scan';
import type { ProcStat } from '../proc/proc-table';
import { groupHasMembers, killGroup } from '../ending/signals';

/** Programs of a pid namespace, by their paths. */
export interface NamespaceTools extends InitTools {
  readonly setpriv: string;
  readonly unshare: string;
  /** Options of `unshare` that give an ordinary user a user namespace; none for root. */
  readonly mapping: readonly string[];
  /** Null where nothing is hidden from runs. */
  readonly hiding: Hiding | null;
}

/** The switch is off: the command itself and nothing else. */
export const NO_ISOLATION: Isolation = {
  level: 'none',
  containment: 'best-effort',
  hides: 'nothing',
  reportsExit: false,
  awaitsAnswer: false,
  emptyScans: 1,
  cgroupOf: () => null,
  launch: (command) => becoming(command),
  members: async (mark) => wrapperOf(mark),
  askToEnd: (_mark, members) => {
    each(members, 'SIGTERM');
    each(members, 'SIGCONT');
  },
  kill: (_mark, members) => {
    each(members, 'SIGKILL');
  },
};

/** Own process group, for systems without /proc: misses whatever makes a group of its own. */
export const GROUP_ISOLATION: Isolation = {
  level: 'L0-group',
  containment: 'best-effort',
  hides: 'nothing',
  reportsExit: true,
  awaitsAnswer: false,
  emptyScans: 1,
  cgroupOf: () => null,
  launch: (command) => reporting(command),
  members: async ({ pid }) => (groupHasMembers(pid) ? [unseen(pid)] : []),
  askToEnd: ({ pid }) => {
    killGroup(pid, 'SIGTERM');
    killGroup(pid, 'SIGCONT');
  },
  kill: ({ pid }) => {
    killGroup(pid, 'SIGKILL');
  },
};

/** Own session and environment cookie: misses only what wiped its environment, left the session and lost its parent. */
export function cookieIsolation(scanner: ProcScanner): Isolation {
  return {
    level: 'L1-cookie',
    containment: 'best-effort',
    hides: 'nothing',
    reportsExit: true,
    awaitsAnswer: false,
    emptyScans: 2,
    cgroupOf: () => null,
    launch: (command) => reporting(command),
    members: async (mark) => family(mark, await scanner.scan()),
    askToEnd,
    kill,
  };
}

/** A cgroup for every run, under the given folder: nobody leaves it, and the kernel kills it as a whole. */
export function cgroupIsolation(scanner: ProcScanner, parent: string): Isolation {
  const cookie = cookieIsolation(scanner);
  return {
    ...cookie,
    level: 'L2-cgroup',
    containment: 'contained',
    emptyScans: 1,
    cgroupOf: (runId) => cgroupOf(parent, runId),
    launch: (command, cgroup) => launchLine([...join(cgroup), reporting], command),
    members: async (mark) => union(await cookie.members(mark), inCgroup(mark)),
    kill: (mark, members) => {
      if (mark.cgroup !== null && members.length > 0) killCgroup(mark.cgroup);
      kill(mark, members);
    },
  };
}

/** A pid namespace for every run: its first process takes all others with it, and dies when we do. */
export function namespaceIsolation(scanner: ProcScanner, tools: NamespaceTools): Isolation {
  return {
    ...cookieIsolation(scanner),
    level: 'L2-pidns',
    containment: 'contained',
    hides: tools.hiding === null ? 'nothing' : tools.hiding.dropping.length === 0 ? 'until-undone' : 'for-good',
    awaitsAnswer: true,
    emptyScans: 1,
    launch: (command) => launchLine(namespaceParts(tools, []), command),
    askToEnd: askInit,
    kill: (mark, members, round) => {
      if (!killedInit(mark, members, round)) kill(mark, members);
    },
  };
}

/** Both: either alone would do, each covers what the other one's kernel or tools may get wrong. */
export function fullIsolation(scanner: ProcScanner, tools: NamespaceTools, parent: string): Isolation {
  const cgroup = cgroupIsolation(scanner, parent);
  return {
    ...namespaceIsolation(scanner, tools),
    level: 'L3-both',
    cgroupOf: cgroup.cgroupOf,
    launch: (command, path) => launchLine(namespaceParts(tools, join(path)), command),
    // No look at the whole machine: who left the cgroup is still in the namespace.
    members: async (mark) => union(wrapperOf(mark), inCgroup(mark)),
    kill: (mark, members, round) => {
      if (!killedInit(mark, members, round)) cgroup.kill(mark, members, round);
    },
  };
}

function namespaceParts(tools: NamespaceTools, joined: readonly LaunchPart[]): readonly LaunchPart[] {
  const { setpriv, unshare, mapping } = tools;
  const hidden = tools.hiding === null ? [] : [hiding(tools.hiding)];
  const parts = [inPidNamespace(unshare, mapping), ...hidden, namespaceInit(tools)];
  return [dyingWith(process.pid, setpriv), ...joined, ...parts];
}

function join(cgroup: string | null): readonly LaunchPart[] {
  return cgroup === null ? [] : [joining(cgroup)];
}

/** Somebody in the group; who, only /proc could tell. */
function unseen(pgid: number): ProcStat {
  const nothing = { comm: '', state: '?', ppid: 0, sid: pgid, startTicks: 0, cpuTicks: 0, childCpuTicks: 0 };
  return { ...nothing, pid: pgid, pgid };
}
