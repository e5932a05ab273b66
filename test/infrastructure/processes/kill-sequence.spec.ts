import { Deadline } from '../../../src/infrastructure/processes/deadline';
import type { Isolation } from '../../../src/infrastructure/processes/isolation/isolation';
import { endAll, sweep } from '../../../src/infrastructure/processes/ending/kill-sequence';
import { NO_ISOLATION } from '../../../src/infrastructure/processes/isolation/levels';
import type { ProcStat } from '../../../src/infrastructure/processes/proc/proc-table';

const MARK = { cookie: 'cookie', pid: 1, startTicks: 0, cgroup: null };
const SOMEBODY: ProcStat = {
  pid: 2,
  comm: 'sh',
  state: 'S',
  ppid: 1,
  pgid: 1,
  sid: 1,
  startTicks: 0,
  cpuTicks: 0,
  childCpuTicks: 0,
};

/** A level whose scans find what is listed, `x` for somebody and `-` for nobody, and nobody after that. */
function finding(list: string) {
  const seen = { scans: 0, kills: 0 };
  const isolation: Isolation = {
    ...NO_ISOLATION,
    emptyScans: 2,
    members: async () => (list[seen.scans++] === 'x' ? [SOMEBODY] : []),
    askToEnd: () => undefined,
    kill: (_mark, members) => {
      seen.kills += members.length;
    },
  };
  return { isolation, seen };
}

const soon = () => Deadline.in(5_000);

test('who left nobody behind is looked at as often as the level demands', async () => {
  const { isolation, seen } = finding('');
  expect(await sweep(isolation, MARK, soon())).toEqual({ killed: 0, survivors: 0 });
  expect(seen.scans).toBe(2);
});

test('who had to be killed is looked for twice as often: one that changes its pid is missed by two scans in a row', async () => {
  const { isolation, seen } = finding('x---x');
  await sweep(isolation, MARK, soon());
  expect(seen).toEqual({ scans: 9, kills: 2 });
});

test('so is who was interrupted, also when the first scans after the grace miss it', async () => {
  const { isolation, seen } = finding('x----x');
  await endAll(isolation, MARK, 100, { clock: () => 0, deadline: soon() });
  expect(seen).toEqual({ scans: 10, kills: 1 });
});
