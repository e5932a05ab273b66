import { isLeftAlone } from '../../../src/infrastructure/processes/ending/left-alone';
import { readStat, type ProcStat } from '../../../src/infrastructure/processes/proc/proc-table';

/** Processes as [pid, parent, session]; the last one is asked about. */
function isLast(...table: readonly (readonly [pid: number, ppid: number, sid: number])[]): boolean {
  const self = readStat('self') as ProcStat;
  const all = new Map(table.map(([pid, ppid, sid]) => [pid, { ...self, pid, ppid, sid }]));
  return isLeftAlone(table.at(-1)?.[0] ?? 0, (pid) => all.get(pid) ?? null);
}

const INIT = [1, 0, 1] as const;
const SHELL = [10, 1, 10] as const;

test.each([
  ['npx was killed, which is its parent', true, [INIT, SHELL, [30, 1, 10]]],
  ['npx was killed, and the shell before it ended', true, [INIT, [30, 1, 10]]],
  ['a service manager of the user has taken it over', true, [INIT, [5, 1, 5], [30, 5, 10]]],
  ['started by npx, which waits for it', false, [INIT, SHELL, [20, 10, 10], [30, 20, 10]]],
  ['started by a shell', false, [INIT, SHELL, [30, 10, 10]]],
  ['started by systemd, or by setsid', false, [INIT, [30, 1, 30]]],
  ['the first process of a container', false, [[1, 0, 1]]],
  ['started by the first process of a container', false, [INIT, [30, 1, 1]]],
  ['its parent is outside of the pid namespace', false, [[30, 0, 10]]],
  ['its session is outside of the pid namespace', false, [INIT, [30, 1, 0]]],
  ['gone', false, []],
] as const)('%s: %p', (_name, expected, table) => {
  expect(isLast(...table)).toBe(expected);
});
