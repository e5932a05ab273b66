import { MonitorSaga, type MonitorDeps } from '../../src/application/sagas/monitor/monitor.saga';
import { InfrastructureError } from '../../src/application/ports/infrastructure-error';
import type { ProbeAsk, Probed } from '../../src/application/ports/health-probe';
import type { RunResult, RunSpec } from '../../src/application/ports/process-runner';
import type { SagaOutcome } from '../../src/application/sagas/saga';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import type { MonitorSettings } from '../../src/infrastructure/config/project/project-settings';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { canonicalJson, type JsonValue } from '../../src/domain/json';
import type { MonitorPolicy } from '../../src/domain/policy/project-policy';
import { keysOf, readFrontMatter } from '../../src/domain/staging/front-matter';
import type { Line } from '../support/given-when-then';
import { ALL_ON, TASK } from '../support/policies';
import { after, CANDIDATE, claim, MINUTE, policy, polled, toMonitor, TREE } from '../support/task-stories';
import { MidJob, ranWith, timedOut } from './mid-job';

const hasher = new NodeHasher();
const quick = { everyMs: MINUTE, forMs: 3 * MINUTE, failures: 2, timeoutMs: 10_000 };
const BY_URL: MonitorSettings = { ...quick, check: { kind: 'url', url: 'https://web.example/health?key=t0p' } };
const BY_COMMAND: MonitorSettings = { ...quick, check: { kind: 'command', command: './health.sh', env: ['PATH'] } };

interface World {
  readonly monitor: MonitorSettings;
  /** Polls before this one. */
  readonly before?: readonly boolean[];
  readonly probe?: (ask: ProbeAsk) => Promise<Probed>;
  readonly run?: (spec: RunSpec) => RunResult;
  readonly offAt?: 'clone' | 'claim';
}

/** One poll, on ports that answer at once. */
async function poll({ monitor, before = [], probe, run, offAt }: World) {
  const project = buildProject(hasher, { project: 'web', repo: '/r.git', staging: { suite: 'true' }, monitor });
  const mid = new MidJob<'clone' | 'claim'>(offAt ?? 'claim', offAt ? { postDeployMonitor: false } : {}, ALL_ON);
  const kept: string[] = [];
  const begun: RunSpec[] = [];
  const clones = { made: 0, left: 0 };
  const deps = {
    git: {
      landedCommit: () => Promise.resolve({ treeOid: TREE, newer: null }),
      disposableClone: () => {
        clones.made += 1;
        clones.left += 1;
        mid.at('clone');
        return Promise.resolve({
          dir: '/clone',
          dispose: () => {
            clones.left -= 1;
            return Promise.reject(new Error('the folder is busy'));
          },
        });
      },
    },
    runner: {
      run: (spec: RunSpec) => {
        begun.push(spec);
        return Promise.resolve(run?.(spec) ?? ranWith(0, spec));
      },
    },
    probe: { probe: probe ?? (() => Promise.resolve({ kind: 'answered', status: 200, text: 'fine' })) },
    host: { pick: () => ({ PATH: '/bin' }), release: 'r', isolation: 'L2-cgroup', logFile: () => '/log' },
    clock: { now: () => Date.UTC(2026, 0, 5, 9), monotonic: () => 0 },
    hasher,
    artifacts: {
      put: (text: string) => {
        kept.push(text);
        return Promise.resolve('7'.repeat(64));
      },
    },
  } as unknown as MonitorDeps;
  // In the same way as this one: a window is of one way of asking.
  const { check, everyMs, timeoutMs } = (project.policy.monitor ?? {}) as Partial<MonitorPolicy>;
  const way = hasher.sha256(canonicalJson({ check, everyMs, timeoutMs } as unknown as JsonValue));
  const earlier = before.map((ok): Line => [after(MINUTE), claim('monitor-poll'), polled(ok, false, CANDIDATE, way)]);
  const story: Line = [toMonitor, policy(project.policy), earlier, after(MINUTE), claim('monitor-poll')];
  const context = mid.contextFor(story, project);
  if (offAt === 'claim') mid.at('claim');
  const outcome = await new MonitorSaga(deps).run(context);
  return { outcome, kept, begun, clones, found: reported(outcome) };
}

function reported(outcome: SagaOutcome) {
  return outcome !== 'abandoned' && outcome.type === 'ReportMonitorPoll' ? outcome.data.poll : null;
}

const answers =
  (status: number, text = '') =>
  () =>
    Promise.resolve({ kind: 'answered', status, text } as const);

describe('a poll by URL', () => {
  test('is good by its status, needs neither a clone nor a process, and leaves no artifact before the last one', async () => {
    const { found, kept, begun, clones } = await poll({ monitor: BY_URL });
    expect(found).toMatchObject({ oid: CANDIDATE, ok: true, seen: 'status 200 after 0 ms', run: null, artifact: null });
    expect([kept, begun, clones.made]).toEqual([[], [], 0]);
  });

  test.each([
    [199, false],
    [204, true],
    [301, false],
    [404, false],
    [503, false],
  ])('of status %d is good: %s', async (status, ok) => {
    expect((await poll({ monitor: BY_URL, probe: answers(status) })).found).toMatchObject({ ok });
  });

  test('is judged by the statuses that are named, and by no other', async () => {
    const monitor: MonitorSettings = {
      ...quick,
      check: { kind: 'url', url: 'https://a.example/', expect: [401, 302] },
    };
    expect((await poll({ monitor, probe: answers(302) })).found).toMatchObject({ ok: true });
    expect((await poll({ monitor, probe: answers(200) })).found).toMatchObject({ ok: false });
  });

  test('quotes what it was told, in one line that can be shown', async () => {
    const { found } = await poll({
      monitor: BY_URL,
      probe: answers(500, '\u001b[2Jdown\n---\nmonitor_status: HEALTHY'),
    });
    expect(found?.seen).toBe('status 500 after 0 ms: down --- monitor_status: HEALTHY');
  });

  test('that nothing answered is bad, and one that this machine could not make is none', async () => {
    const refused = await poll({
      monitor: BY_URL,
      probe: () => Promise.resolve({ kind: 'no-answer', detail: 'refused' }),
    });
    expect(refused.found).toMatchObject({ ok: false, seen: 'refused, after 0 ms' });
    const failed = poll({
      monitor: BY_URL,
      probe: () => Promise.reject(new InfrastructureError('PROBE_NO_NAME', 'x')),
    });
    await expect(failed).rejects.toMatchObject({ code: 'PROBE_NO_NAME' });
    const aborted = await poll({ monitor: BY_URL, probe: () => Promise.resolve({ kind: 'aborted' }) });
    expect(aborted.outcome).toBe('abandoned');
  });
});

describe('a poll by command', () => {
  test('runs in a clone of what has landed, which goes again, whatever becomes of it', async () => {
    const { found, begun, clones } = await poll({ monitor: BY_COMMAND });
    expect(found).toMatchObject({ ok: true, seen: 'exit code 0' });
    expect(begun).toMatchObject([{ command: 'sh', args: ['-c', './health.sh'], cwd: '/clone', timeoutMs: 10_000 }]);
    expect(begun[0]?.env).toEqual({
      PATH: '/bin',
      STAGEGATE_COMMIT: CANDIDATE,
      STAGEGATE_MONITOR_PROJECT: 'web',
      STAGEGATE_TASK: TASK,
    });
    expect(clones).toEqual({ made: 1, left: 0 });
  });

  test('is bad by its exit code, and by its time', async () => {
    expect((await poll({ monitor: BY_COMMAND, run: (spec) => ranWith(7, spec) })).found).toMatchObject({ ok: false });
    const late = await poll({ monitor: BY_COMMAND, run: timedOut });
    expect(late.found).toMatchObject({ ok: false, seen: 'no answer within 1 ms' });
  });

  test.each(['timeout_starved', 'command_not_found', 'killed_externally', 'oom_killed', 'resource_exhausted'] as const)(
    'that ended by %s is none',
    async (reason) => {
      const run = (spec: RunSpec) => ({ ...timedOut(spec), reason }) as RunResult;
      const { outcome } = await poll({ monitor: BY_COMMAND, run });
      expect(outcome).toMatchObject({ type: 'ReportInfraFailure', data: { failure: { reason, step: 'poll' } } });
    },
  );

  test('is none where its time was up before it began', async () => {
    const run = (spec: RunSpec) => ({ ...timedOut(spec), executed: false }) as RunResult;
    expect((await poll({ monitor: BY_COMMAND, run })).outcome).toMatchObject({ type: 'ReportInfraFailure' });
  });
});

describe('the switch', () => {
  test.each([
    ['by URL', BY_URL, 'claim'],
    ['by command', BY_COMMAND, 'claim'],
    ['by command, in the middle', BY_COMMAND, 'clone'],
  ] as const)('keeps a poll from being made %s', async (_name, monitor, offAt) => {
    let isAsked = false;
    const probe = () => {
      isAsked = true;
      return Promise.reject(new Error('not wanted'));
    };
    const { outcome, begun } = await poll({ monitor, offAt, probe });
    expect(outcome).toMatchObject({ type: 'ReleaseClaim', data: { reason: 'postDeployMonitor was switched off' } });
    expect([isAsked, begun]).toEqual([false, []]);
  });
});

describe('the last poll of a window', () => {
  test('brings what the strict reader takes, and hides the query of a URL', async () => {
    const { found, kept } = await poll({
      monitor: BY_URL,
      before: [true, false],
      probe: answers(200, '---\nmonitor_status: DEGRADED'),
    });
    expect(found?.artifact).toEqual({ name: '17-monitor-log.md', digest: '7'.repeat(64) });
    const [text = ''] = kept;
    const read = readFrontMatter(keysOf('monitoring', 'runner'), new TextEncoder().encode(text));
    expect(read).toMatchObject({ kind: 'ok', values: { monitor_status: 'HEALTHY', polls: '3', bad_polls: '1' } });
    expect(text).toContain('GET https://web.example/health?…');
    expect(text).not.toContain('t0p');
    expect(text).toContain('poll 2, 2026-01-05T08:02:00.000Z: `exit code 7`');
  });

  test('is the one that makes it degraded, however many are left', async () => {
    const { kept } = await poll({ monitor: BY_URL, before: [false], probe: answers(503) });
    const read = readFrontMatter(keysOf('monitoring', 'runner'), new TextEncoder().encode(kept[0] ?? ''));
    expect(read).toMatchObject({ kind: 'ok', values: { monitor_status: 'DEGRADED', polls: '2', bad_polls: '2' } });
  });
});
