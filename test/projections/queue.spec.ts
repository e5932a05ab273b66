import type { Kysely } from 'kysely';
import type { Projects } from '../../src/application/projects';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { getQueue, type QueueView } from '../../src/projections/queue/get-queue.query';
import { getTask, getWhy } from '../../src/projections/queue/get-task.query';
import { QueueTaskIndex } from '../../src/projections/queue/queue-task-index';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import type { QueueDeps } from '../../src/projections/queue/queue-rows';
import { ReadableLog } from './support/readable-log';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter, T0 } from './support/log-writer';
import { claimed, policyOf, STAGING, stagingGreen, submitted, writeScenario } from './support/scenario';

let space: Workspace;
let store: ReadableLog;
let log: LogWriter;
let db: Kysely<unknown>;
let runner: ProjectionRunner;

const MINUTE = 60_000;

beforeEach(async () => {
  space = new Workspace();
  store = new ReadableLog();
  log = new LogWriter(store);
  db = await space.open();
  runner = new ProjectionRunner(runnerDeps(store, db), [QUEUE]);
});
afterEach(() => space.remove());

async function depsAt(nowMs: number, projects: Projects = new NoProjects()): Promise<QueueDeps> {
  await runner.catchUp();
  return { models: modelsOn(store, db), store, projects, clock: new TestClock(() => nowMs) };
}

/** Every task with its status and the code of its why. */
function summary(view: QueueView): string[] {
  return view.stages.flatMap(({ stage, tasks }) =>
    tasks.map(({ id, status, why }) => `${stage} ${id} ${status} ${why.code}`),
  );
}

test('the queue has this shape', async () => {
  await writeScenario(log);
  const view = await getQueue(await depsAt(T0 + MINUTE));
  expect(view.position).toMatch(/^\d+\/\d+$/);
  expect({ ...view, position: 'as the store counts' }).toMatchSnapshot();
});

test('shows what is done beside moving tasks, and why that does not get on', async () => {
  const stuck = { name: 'alerts.log', behind: 2, lagMs: 5, error: 'down', since: '2026-01-01T00:00:00.000Z' };
  const subscribers = { names: ['alerts.log'], views: () => Promise.resolve([stuck]) };
  expect((await getQueue({ ...(await depsAt(T0)), subscribers })).subscribers).toEqual([stuck]);
});

test('whoever changes what the queue stores sees this fail, and raises its version', async () => {
  await writeScenario(log);
  await runner.catchUp();
  const stored = await modelsOn(store, db).read(QUEUE, async ({ rows }) => {
    const tables: [string, object[]][] = [];
    for (const { name } of QUEUE.tables)
      tables.push([name, await rows<{ key: string }>(name).selectAll().orderBy('key').execute()]);
    return Object.fromEntries(tables);
  });
  expect({ version: QUEUE.version, stored }).toMatchSnapshot();
});

describe('why', () => {
  test('follows the clock without an event', async () => {
    await writeScenario(log);
    expect(summary(await getQueue(await depsAt(T0 + MINUTE)))).toEqual([
      'deploy-staging web.held held held:person',
      'deploy-staging web.running running running',
      'deploy-staging web.deferred deferred deferred',
      'deploy-staging web.gate running running',
      'deploy-staging web.waits waiting lane-busy',
    ]);
    expect(summary(await getQueue(await depsAt(T0 + 120 * MINUTE)))).toEqual([
      'deploy-staging web.held held held:person',
      'deploy-staging web.running waiting claim-expired',
      'deploy-staging web.deferred ready ready',
      'deploy-staging web.gate waiting claim-expired',
      'deploy-staging web.waits waiting lane-busy',
    ]);
  });

  test('of a free lane names whose turn it is, by priority', async () => {
    await log.policy(policyOf('web'));
    for (const [id, priority] of [
      ['web.low', 1],
      ['web.high', 8],
      ['web.mid', 5],
    ] as const) {
      await log.task(id, ...submitted(id, priority), claimed(STAGING, id), ...stagingGreen('2', id));
    }
    const deps = await depsAt(T0 + MINUTE);
    expect(await getWhy(deps, 'web.high')).toMatchObject({ code: 'ready', actor: 'queue', status: 'ready' });
    expect(await getWhy(deps, 'web.low')).toMatchObject({ code: 'lane-queue', blockedBy: 'web.high' });
    const { lanes } = await getQueue(deps);
    expect(lanes).toEqual([
      {
        project: 'web',
        holder: null,
        epoch: null,
        since: null,
        paused: null,
        waiting: ['web.low', 'web.mid'],
        waitingCount: 2,
      },
    ]);
  });

  test('of a task whose project nobody knows says that, and hides no other', async () => {
    await log.task('api.lost', ...submitted('api.lost'));
    await writeScenario(log);
    const view = await getQueue(await depsAt(T0 + MINUTE));
    expect(summary(view)).toContain('deploy-staging api.lost blocked no-next-step');
    expect(summary(view)).toHaveLength(6);
  });

  test('and the queue use a switch that people set, whatever the process that asks is configured with', async () => {
    await log.policy(policyOf('web'));
    await log.task('web.a', ...submitted('web.a'));
    await log.switched('web', { switch: 'stagingRunner', enabled: false, by: 'ann', reason: 'it hangs' });
    class On extends NoProjects {
      override configuredSwitches() {
        return { ...super.configuredSwitches(), stagingRunner: { file: true }, mergeInfraRetry: { file: false } };
      }
    }
    const deps = await depsAt(T0 + MINUTE, new On());
    expect(await getWhy(deps, 'web.a')).toMatchObject({ code: 'staging-switched-off', actor: 'person' });
    const origins = { stagingRunner: { from: 'event', by: 'ann' }, mergeInfraRetry: { from: 'file' } };
    const block = { project: 'web', stagingRunner: false, mergeInfraRetry: false, origins };
    expect((await getQueue(deps)).switches).toMatchObject([block]);
  });

  test('of a project whose switches cannot be relied on says so', async () => {
    await log.policy(policyOf('web'));
    await log.task('web.a', ...submitted('web.a'));
    await log.switched('web', { switch: 'stagingRunner', enabled: 'maybe' as never, by: 'ann', reason: 'x' });
    const deps = await depsAt(T0 + MINUTE);
    expect(await getWhy(deps, 'web.a')).toMatchObject({ code: 'store-corrupt', blockedBy: 'switches-web' });
    expect((await getQueue(deps, { project: 'web' })).damaged).toMatchObject({ count: 1 });
  });

  test('uses the switches of the process that asks', async () => {
    await log.policy(policyOf('web'));
    await log.task('web.a', ...submitted('web.a'));
    class Off extends NoProjects {
      override configuredSwitches() {
        return { ...super.configuredSwitches(), stagingRunner: { environment: false } };
      }
    }
    const deps = await depsAt(T0 + MINUTE, new Off());
    expect(await getWhy(deps, 'web.a')).toMatchObject({ code: 'staging-switched-off', actor: 'person' });
  });
});

test('a project shows only what is its own', async () => {
  await writeScenario(log);
  await log.policy(policyOf('api'));
  await log.task('api.a', ...submitted('api.a'), { type: 'TaskCancelled', data: { by: 'ann', reason: 'no' } });
  const deps = await depsAt(T0 + MINUTE);
  const api = await getQueue(deps, { project: 'api' });
  expect(summary(api)).toEqual([]);
  expect(api).toMatchObject({
    finished: { cancelled: 1 },
    alerts: { open: 0, newest: [] },
    transition_lease: { claims: 0 },
    lanes: [{ project: 'api' }],
  });
  expect((await getQueue(deps)).finished.cancelled).toBe(2);
});

test('the store block says how far the queue is behind', async () => {
  await writeScenario(log);
  const deps = await depsAt(T0 + MINUTE);
  await log.task('web.later', { type: 'TaskAnnotated', data: { by: 'ann', text: 'hm' } });
  const recordedAt = (await store.last()).recordedAt.getTime();
  const { store: block } = await getQueue({ ...deps, clock: new TestClock(() => recordedAt + 5_000) });
  expect(block).toEqual({ kind: 'memory', durability: 'none', lagEvents: 1, lagMs: 5_000 });
});

test('attempts are counted per job and stay at a stage', async () => {
  await log.policy(policyOf('web'));
  await log.task('web.a', ...submitted('web.a'));
  for (const token of ['2', '4', '6']) {
    await log.task('web.a', claimed(STAGING, `r${token}`), {
      type: 'ClaimReleased',
      data: { claim: token, reason: 'shutdown' },
    });
  }
  expect(await getTask(await depsAt(T0), 'web.a')).toMatchObject({ entry: { attempt: 3 } });
  await log.task('web.a', {
    type: 'StageRolledBack',
    data: { from: 'deploy-staging', to: 'development', reason: 'red', spends: null },
  });
  expect(await getTask(await depsAt(T0), 'web.a')).toMatchObject({ entry: { attempt: 0, stage: 'development' } });
});

describe('one task', () => {
  test('is shown in full, finished or not', async () => {
    await writeScenario(log);
    const deps = await depsAt(T0 + MINUTE);
    expect(await getTask(deps, 'web.gone')).toMatchObject({
      entry: { stage: 'cancelled', status: 'finished', why: { actor: 'nobody', text: 'not needed' } },
      state: { revision: '2', headOid: expect.any(String) as string },
    });
    const running = await getTask(deps, 'web.running');
    expect(() => JSON.stringify(running)).not.toThrow();
    expect(running?.entry).toMatchObject({ owner: 'worker-1', job: 'staging-suite', attempt: 1 });
  });

  test.each(['web.none', 'nonsense', ''])('that does not exist (%p) is null', async (id) => {
    expect(await getTask(await depsAt(T0), id)).toBeNull();
    expect(await getWhy(await depsAt(T0), id)).toBeNull();
  });
});

describe('the task index', () => {
  test('names the open tasks and where to follow on from', async () => {
    await writeScenario(log);
    const index = new QueueTaskIndex(modelsOn(store, db), () => runner.catchUp());
    const { tasks, position } = await index.open();
    expect(tasks.map(({ id }) => id)).toEqual(['web.deferred', 'web.gate', 'web.held', 'web.running', 'web.waits']);
    for (const { id, revision } of tasks) {
      const [last] = await store.readStream(`task-${id}`, { direction: 'backwards', limit: 1 });
      expect([id, revision]).toEqual([id, last?.revision]);
    }
    expect(tasks.filter(({ isClaimed }) => isClaimed).map(({ id }) => id)).toEqual(['web.gate', 'web.running']);
    expect(position).toEqual((await store.last()).position);
  });

  test.each([1, 2, 5])('reads them in pages of %i', async (size) => {
    await writeScenario(log);
    const whole = await new QueueTaskIndex(modelsOn(store, db), () => runner.catchUp()).open();
    const paged = await new QueueTaskIndex(modelsOn(store, db), () => runner.catchUp(), size).open();
    expect(paged).toEqual(whole);
  });

  test('before anything is projected, sends the conductor to the start of the log', async () => {
    await writeScenario(log);
    const index = new QueueTaskIndex(modelsOn(store, db), () => Promise.resolve());
    expect(await index.open()).toEqual({ tasks: [], position: 'start' });
  });
});

test('a reader of a queue that was never built is told so', async () => {
  const deps = { models: modelsOn(store, db), store, projects: new NoProjects(), clock: new TestClock(() => T0) };
  await expect(getQueue(deps)).rejects.toMatchObject({ code: 'READ_MODEL_NOT_BUILT' });
});
