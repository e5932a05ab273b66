import type { IsolationLevel } from '../../../src/application/ports/process-runner';
import { isolationFinding } from '../../../src/cli/doctor/isolation-check';
import { buildProject } from '../../../src/infrastructure/config/project/build-project';
import type { Isolation } from '../../../src/infrastructure/processes/isolation/isolation';
import type { Attempt } from '../../../src/infrastructure/processes/isolation/probe';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';

const NO_CGROUP =
  "no cgroup can be made under /sys/fs/cgroup: EACCES: permission denied, mkdir '/sys/fs/cgroup/stagegate-probe-1'";
const OPEN = "a suite can read the environment of the service, and the operator's secret";
const NO_TOOLS = 'not found: setpriv, unshare (packages util-linux and coreutils)';

const failed = (level: IsolationLevel, evidence: string): Attempt => ({ level, isUsable: false, evidence });
const probed = (level: IsolationLevel, ...attempts: readonly Attempt[]) => ({
  isolation: { level, hides: 'for-good' as Isolation['hides'] },
  attempts: [...attempts, { level, isUsable: true, evidence: '' }],
});

function demanding(minIsolation: 'L1' | 'L2' | 'L3') {
  const staging = { suite: 'true', minIsolation };
  return buildProject(new NodeHasher(), { project: 'web', repo: '/srv/web.git', main: 'main', staging });
}

test('the best level has nothing to be said about it', () => {
  expect(isolationFinding(probed('L3-both'), true, [])).toEqual({
    name: 'isolation',
    verdict: 'ok',
    seen: 'L3-both',
    fix: [],
  });
});

test.each([
  ['for-good', 'L2-pidns'],
  ['until-undone', "L2-pidns; a suite runs as root, and can undo what hides the operator's secret from it"],
  ['nothing', "L2-pidns; a suite can read the operator's secret"],
] as const)('what runs are kept from is said of a level that hides %s', (hides, seen) => {
  const found = probed('L2-pidns', failed('L3-both', NO_CGROUP));
  expect(isolationFinding({ ...found, isolation: { level: 'L2-pidns', hides } }, true, []).seen).toBe(seen);
});

test('where the project file names files with secrets, it is said of them too', () => {
  const found = { ...probed('L2-pidns'), isolation: { level: 'L2-pidns' as const, hides: 'nothing' as const } };
  const own = "the operator's secret and the files with secrets";
  expect(isolationFinding(found, true, [], own).seen).toBe(`L2-pidns; a suite can read ${own}`);
});

test('a level that failed in one way and works in another is not missed', () => {
  const refused = failed('L3-both', 'internal: mount: unknown option');
  expect(isolationFinding(probed('L3-both', refused), true, []).fix).toEqual([]);
});

test('a good one says what would make it the best', () => {
  expect(isolationFinding(probed('L2-pidns', failed('L3-both', NO_CGROUP)), true, [])).toMatchObject({
    verdict: 'ok',
    fix: [
      'for L3-both: expected a cgroup that can be made under /sys/fs/cgroup, saw EACCES; start the service in a cgroup that is delegated to its user (systemd: Delegate=yes), or as root',
    ],
  });
});

test('a weak one names every cause once, with the levels that it keeps from', () => {
  const attempts = [
    failed('L3-both', `${NO_CGROUP}; ${NO_TOOLS}`),
    failed('L2-pidns', NO_TOOLS),
    failed('L2-cgroup', NO_CGROUP),
  ];
  const { verdict, seen, fix } = isolationFinding(probed('L1-cookie', ...attempts), true, []);
  expect([verdict, seen]).toEqual(['warn', `L1-cookie; ${OPEN}`]);
  expect(fix).toEqual([
    'for L3-both and L2-pidns: expected setpriv, unshare, saw no such program; install the packages util-linux and coreutils',
    expect.stringContaining('for L3-both and L2-cgroup: expected a cgroup that can be made under /sys/fs/cgroup'),
  ]);
});

test('what the kernel refuses is told from what a busy machine had no time for', () => {
  const refused = failed('L2-pidns', 'isolation_unavailable: unshare: unshare failed: Operation not permitted');
  const [line] = isolationFinding(probed('L1-cookie', refused), true, []).fix;
  expect(line).toMatch(/saw isolation_unavailable: unshare.*; run as root, or allow user namespaces/);
  const slow = isolationFinding(probed('L1-cookie', failed('L2-pidns', 'timeout: 10000 ms')), true, []);
  expect(slow.fix[0]).toContain('look again when the machine has less to do');
});

test('the switch that turns it off is named first', () => {
  const { verdict, fix } = isolationFinding(probed('none'), false, []);
  expect(verdict).toBe('warn');
  expect(fix[0]).toMatch(/^STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: expected true, saw false; unset it/);
});

test('a project that demands more than there is gets tool errors, so it fails', () => {
  expect(isolationFinding(probed('L2-cgroup'), true, [demanding('L2')]).verdict).toBe('ok');
  const { verdict, fix } = isolationFinding(probed('L1-cookie'), true, [demanding('L1'), demanding('L3')]);
  expect([verdict, fix]).toEqual([
    'fail',
    ['projects.web.minIsolation: expected L3 or better, saw L1-cookie; raise the level or lower it'],
  ]);
});
