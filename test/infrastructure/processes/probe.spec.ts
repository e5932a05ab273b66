import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import type { IsolationLevel, RunResult } from '../../../src/application/ports/process-runner';
import {
  isolationReport,
  type IsolationReport,
} from '../../../src/infrastructure/processes/isolation/isolation-report';
import { GROUP_ISOLATION, NO_ISOLATION } from '../../../src/infrastructure/processes/isolation/levels';
import {
  candidates,
  PROBE_EXIT_CODE,
  probeIsolation,
  type Attempt,
} from '../../../src/infrastructure/processes/isolation/probe';
import { ProcScanner } from '../../../src/infrastructure/processes/proc/proc-scan';
import { ProcessYard } from '../../support/process-yard';
import { testWherePossible } from '../../support/test-where-possible';

const PROGRAM = require.resolve('../../support/run-command.cjs');
const scanner = new ProcScanner();
const path = process.env['PATH'];

/** A result of the trial command as the probe looks at it. */
function trialResult(level: IsolationLevel, more: object): RunResult {
  return { kind: 'executed', exitCode: PROBE_EXIT_CODE, survivors: 0, isolation: level, ...more } as RunResult;
}

describe('the probe', () => {
  const denied = {
    kind: 'tool_error',
    reason: 'isolation_unavailable',
    evidence: ['unshare: Operation not permitted'],
  };

  test('takes the strongest level whose trial command ran as it should', async () => {
    const tried: IsolationLevel[] = [];
    const trial = ({ level }: { level: IsolationLevel }) => {
      tried.push(level);
      return Promise.resolve(trialResult(level, level === 'L1-cookie' ? {} : denied));
    };
    const { isolation, attempts } = await probeIsolation({ scanner, path, trial });
    expect(isolation.level).toBe('L1-cookie');
    expect(tried.at(-1)).toBe('L1-cookie');
    expect(
      attempts
        .filter(({ isUsable }) => !isUsable)
        .map(({ evidence }) => evidence)
        .join(),
    ).toContain('not permitted');
  });

  test.each([
    ['another exit code', { exitCode: 0 }],
    ['processes left behind', { survivors: 1 }],
  ])('does not take a level whose trial ended with %s', async (_case, more) => {
    const trial = ({ level }: { level: IsolationLevel }) =>
      Promise.resolve(trialResult(level, level === 'L1-cookie' ? {} : more));
    expect((await probeIsolation({ scanner, path, trial })).isolation.level).toBe('L1-cookie');
  });

  test('tries again when the machine was only too busy', async () => {
    let trials = 0;
    const busy = { kind: 'tool_error', reason: 'resource_exhausted', evidence: ['no process'] };
    const trial = ({ level }: { level: IsolationLevel }) => {
      trials += 1;
      return Promise.resolve(trialResult(level, trials < 3 ? busy : {}));
    };
    const { attempts } = await probeIsolation({ scanner, path, trial });
    const first = (await candidates({ scanner, path })).find((candidate) => !('obstacle' in candidate));
    expect(attempts.find(({ isUsable }) => isUsable)?.level).toBe(first?.level);
  });
});

describe('the report', () => {
  const missing = (level: IsolationLevel, evidence: string): Attempt => ({ level, isUsable: false, evidence });
  const none = () => null;

  test.each([
    ['no cgroup v2 hierarchy is mounted', none, 'unified_cgroup_hierarchy'],
    ['no cgroup can be made under /x: EACCES: permission denied, mkdir', none, 'Delegate=yes'],
    ['no cgroup can be made under /x: ENOENT, access /x/cgroup.kill', none, '5.14'],
    ['not found: setpriv, unshare (packages util-linux and coreutils)', none, 'install setpriv, unshare'],
    ['isolation_unavailable: unshare: unshare failed', none, '--cap-add SYS_ADMIN'],
    ['isolation_unavailable: unshare failed', (name: string) => (/clone/.test(name) ? '0' : null), 'userns_clone=1'],
    ['isolation_unavailable: unshare failed', (name: string) => (/apparmor/.test(name) ? '1' : '1'), 'apparmor'],
    ['isolation_unavailable: unshare failed', (name: string) => (/max_user/.test(name) ? '0' : null), 'max_user'],
  ])('has one thing to do for %s', (obstacle, setting, fix) => {
    const attempts = [missing('L2-pidns', 'tried another way'), missing('L2-pidns', obstacle)];
    const report = isolationReport({ isolation: GROUP_ISOLATION, attempts }, setting);
    expect(report).toMatchObject({ level: 'L0-group', missing: [{ level: 'L2-pidns', obstacle }] });
    expect(report.missing[0]?.fix).toContain(fix);
    expect(report.missing[0]?.fix).not.toContain('\n');
  });

  test('of a switched-off tree kill names the switch', () => {
    const report = isolationReport({ isolation: NO_ISOLATION, attempts: [] });
    const fix = expect.stringContaining('switch subprocessTreeKill on') as string;
    expect(report).toMatchObject({ level: 'none', missing: [{ fix }] });
  });
});

describe('a machine without any of the means', () => {
  const isRoot = process.getuid?.() === 0;
  const yard = new ProcessYard();
  afterAll(() => {
    yard.close();
  });
  /** Neither `unshare` nor `setpriv`, and no cgroups where they usually are; as an ordinary user in a user namespace. */
  const WORLD = [
    'for p in unshare setpriv; do t=$(command -v $p); mount --bind /dev/null "$t"; done',
    'for m in $(sed -n "s/.* - cgroup2 .*/&/p" /proc/self/mountinfo | cut -d" " -f5); do mount -t tmpfs none $m; done',
    'exec "$@"',
  ].join('\n');

  function inWorld(args: readonly string[], env = {}): unknown {
    const shell = ['--mount', 'sh', '-c', WORLD, 'sh', process.execPath, PROGRAM, yard.root, ...args];
    const { stdout, stderr } = spawnSync('unshare', [...(isRoot ? [] : ['-Ur']), ...shell], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return stdout === '' ? stderr : JSON.parse(stdout);
  }
  const seen = inWorld(['true']);
  const obstacle = typeof seen === 'string' ? `no such world for this user: ${seen.trim()}` : null;

  testWherePossible(obstacle, 'runs suites at L1, and says that this is best effort', async () => {
    const script = 'setsid sleep 60 & sleep 61 & exit 3';
    expect(inWorld(['sh', '-c', script])).toMatchObject({
      kind: 'executed',
      exitCode: 3,
      isolation: 'L1-cookie',
      containment: 'best-effort',
      survivors: 0,
    });
  });

  testWherePossible(obstacle, 'refuses a suite that demands more', async () => {
    expect(inWorld(['touch', 'ran'], { RUN_COMMAND_MINIMUM: 'L2' })).toMatchObject({
      reason: 'isolation_too_weak',
      executed: false,
      retryable: false,
      evidence: [expect.stringContaining('L1-cookie') as string],
    });
    expect(inWorld(['true'], { RUN_COMMAND_MINIMUM: 'L1' })).toMatchObject({ kind: 'executed' });
  });

  testWherePossible(obstacle, 'says what is missing and what would raise the level', async () => {
    const report = inWorld([]) as IsolationReport;
    expect(report.missing.map(({ level }) => level)).toEqual(['L3-both', 'L2-pidns', 'L2-cgroup']);
    expect(report.missing.find(({ level }) => level === 'L2-pidns')?.fix).toContain('setpriv');
    expect(report.missing.every(({ fix }) => fix.length > 0)).toBe(true);
  });

  testWherePossible(
    isRoot ? null : 'only root can become an ordinary user',
    'an ordinary user is still contained',
    async () => {
      chmodSync(yard.root, 0o777);
      const nobody = [
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        PROGRAM,
      ] as const;
      const fresh = new ProcessYard();
      chmodSync(fresh.root, 0o777);
      const { stdout } = spawnSync(nobody[0], [...nobody.slice(1), fresh.root], { encoding: 'utf8' });
      const report = JSON.parse(stdout) as IsolationReport;
      // Where the kernel lets ordinary users have namespaces; where it does not, the report has to say how to.
      if (report.level !== 'L2-pidns') expect(report.missing.map(({ level }) => level)).toContain('L2-pidns');
      expect(report.missing[0]).toMatchObject({ level: 'L3-both', fix: expect.stringMatching(/cgroup/) as string });
      fresh.close();
    },
  );
});
