import type { Kysely } from 'kysely';
import { instant } from '../../src/domain/instant';
import type { LaneEvent } from '../../src/domain/lane/lane.events';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { getQueue } from '../../src/projections/queue/get-queue.query';
import { getWhy } from '../../src/projections/queue/get-task.query';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter, T0 } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { BASE, claimed, HEAD, LANDING, NEW, policyOf, STAGING, stagingGreen, submitted } from './support/scenario';

const MINUTE = 60_000;
const PROBE_AT = instant(T0 + 10 * MINUTE);
const PAUSED: LaneEvent = {
  type: 'LanePaused',
  data: {
    cause: 'infra-rate',
    runs: 5,
    failures: 4,
    tasks: 3,
    heldMs: MINUTE,
    from: instant(T0 - MINUTE),
    taskId: 'web.first',
    cooldownMs: 10 * MINUTE,
    probeAt: PROBE_AT,
  },
};

let space: Workspace;
let store: ReadableLog;
let log: LogWriter;
let db: Kysely<unknown>;
let runner: ProjectionRunner;
beforeEach(async () => {
  space = new Workspace();
  store = new ReadableLog();
  log = new LogWriter(store);
  db = await space.open();
  runner = new ProjectionRunner(runnerDeps(store, db), [QUEUE]);
  await log.policy(policyOf('web'));
  for (const [id, priority] of [
    ['web.first', 8],
    ['web.second', 5],
  ] as const)
    await log.task(id, ...submitted(id, priority), claimed(STAGING, id), ...stagingGreen('2', id));
  await log.lane('web', PAUSED);
});
afterEach(() => space.remove());

async function depsAt(nowMs: number) {
  await runner.catchUp();
  return { models: modelsOn(store, db), store, projects: new NoProjects(), clock: new TestClock(() => nowMs) };
}

test('the queue shows the pause with its figures, counts it, and has one alert for it', async () => {
  const queue = await getQueue(await depsAt(T0 + MINUTE));
  expect(queue.lanes[0]?.paused).toMatchObject({ cause: 'infra-rate', runs: 5, failures: 4, tasks: 3, probe: null });
  expect(queue.lane_breaker).toMatchObject({ paused: 1, probes: 0 });
  expect(queue.alerts).toMatchObject({
    open: 1,
    newest: [{ taskId: 'web.first', project: 'web', alert: 'lane-paused:web:0', severity: 'critical' }],
  });
});

test('every task that waits says so, and its place; the first may go when the cooldown is over', async () => {
  const deps = await depsAt(T0 + MINUTE);
  expect(await getWhy(deps, 'web.first')).toMatchObject({ status: 'waiting', code: 'lane-paused', until: PROBE_AT });
  const second = await getWhy(deps, 'web.second');
  expect(second?.text).toMatch(/^the lane of web is paused since .*: 4 of 5 runs, of 3 tasks, .*; second in line$/);
  expect(second?.do).toContain('stagegate lane resume web');
  const later = await depsAt(T0 + 60 * MINUTE);
  expect(await getWhy(later, 'web.first')).toMatchObject({ code: 'ready' });
  expect(await getWhy(later, 'web.second')).toMatchObject({ code: 'lane-queue', blockedBy: 'web.first' });
});

test('a task whose probe has failed lets another one try', async () => {
  await log.lane(
    'web',
    { type: 'LaneGranted', data: { taskId: 'web.first', headOid: HEAD, probe: true } },
    { type: 'LaneReleased', data: { epoch: '1', taskId: 'web.first', reason: 'deploy-staging', outcome: 'infra' } },
    {
      type: 'LaneProbeFailed',
      data: { taskId: 'web.first', cooldownMs: 20 * MINUTE, probeAt: instant(T0 + 30 * MINUTE) },
    },
  );
  const deps = await depsAt(T0 + 40 * MINUTE);
  expect(await getWhy(deps, 'web.second')).toMatchObject({ code: 'ready' });
  expect(await getWhy(deps, 'web.first')).toMatchObject({ code: 'lane-queue', blockedBy: 'web.second' });
});

describe('a task that has landed and is to be deployed', () => {
  const deploy = { command: './deploy.sh', timeoutMs: MINUTE, graceMs: 1_000, env: [] };
  const landed = { newOid: NEW, baseOid: BASE, treeOid: BASE, recovered: false };
  beforeEach(async () => {
    await log.policy({ ...policyOf('web'), deploy });
    await log.task('web.second', { type: 'StageAdvanced', data: { from: 'deploy-staging', to: 'deploy' } });
    await log.task('web.second', claimed(LANDING, 'landing'));
    await log.task('web.second', { type: 'TaskLanded', data: { claim: '7', ...landed } });
  });

  test('is the next one to try, whoever is more urgent', async () => {
    const deps = await depsAt(T0 + 60 * MINUTE);
    expect(await getWhy(deps, 'web.second')).toMatchObject({ stage: 'deploy', code: 'ready' });
    expect(await getWhy(deps, 'web.first')).toMatchObject({ code: 'lane-queue', blockedBy: 'web.second' });
    expect((await getQueue(deps)).lanes[0]).toMatchObject({ waiting: ['web.first'] });
  });

  test('stands before nobody while deploys are switched off', async () => {
    await log.switched('web', { switch: 'deployFinalizer', enabled: false, by: 'ann', reason: 'to see' });
    const deps = await depsAt(T0 + 60 * MINUTE);
    expect(await getWhy(deps, 'web.second')).toMatchObject({ code: 'deploy-switched-off' });
    expect(await getWhy(deps, 'web.first')).toMatchObject({ code: 'ready' });
    expect((await getQueue(deps)).lanes[0]).toMatchObject({ waiting: [] });
  });
});

test('the probe is named while it runs, and all is as before once the lane goes on', async () => {
  await log.lane('web', { type: 'LaneGranted', data: { taskId: 'web.first', headOid: HEAD, probe: true } });
  const probing = await depsAt(T0 + 20 * MINUTE);
  expect((await getQueue(probing)).lanes[0]).toMatchObject({ holder: 'web.first', paused: { probe: 'web.first' } });
  expect(await getWhy(probing, 'web.second')).toMatchObject({ code: 'lane-paused', blockedBy: 'web.first' });
  await log.lane(
    'web',
    { type: 'LaneReleased', data: { epoch: '1', taskId: 'web.first', reason: 'done', outcome: 'landed' } },
    { type: 'LaneResumed', data: { how: 'probe', by: 'stagegate', reason: 'web.first got through the lane' } },
  );
  const queue = await getQueue(await depsAt(T0 + 20 * MINUTE));
  expect(queue.lanes[0]).toMatchObject({ holder: null, paused: null });
  expect(queue.alerts.open).toBe(0);
  expect(queue.lane_breaker).toMatchObject({ paused: 1, probes: 1, resumedByProbe: 1 });
});
