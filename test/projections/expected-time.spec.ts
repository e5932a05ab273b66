import type { TaskEvent } from '../../src/domain/task/task.events';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { expectedLine, type ExpectedTime } from '../../src/projections/queue/expected-time';
import { getQueue } from '../../src/projections/queue/get-queue.query';
import { getWhy } from '../../src/projections/queue/get-task.query';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { onEveryDatabase } from './support/databases';
import { ReadableLog } from './support/readable-log';
import { claimed, MERGE_GATE, policyOf, STAGING, stagingGreen, submitted } from './support/scenario';

const SECOND = 1_000;

onEveryDatabase((database) => {
  let space: Workspace;
  let store: ReadableLog;
  let log: LogWriter;

  beforeEach(async () => {
    space = new Workspace(database);
    store = new ReadableLog();
    log = new LogWriter(store);
    await log.policy(policyOf('web'));
  });
  afterEach(() => space.remove());

  /** Time passes with events: one second each. */
  async function pass(seconds: number): Promise<void> {
    const idle: TaskEvent = { type: 'TaskAnnotated', data: { by: 'clock', text: 'tick' } };
    await log.task('other.clock', ...Array<TaskEvent>(seconds).fill(idle));
  }

  /** A staging run from its claim to its verdict, `seconds` later; nothing is said about its stay at the stage. */
  async function staged(id: string, seconds: number): Promise<void> {
    await log.task(id, ...submitted(id), claimed(STAGING, id));
    // The suite's own event is the first second, the verdict's the last.
    if (seconds > 2) await pass(seconds - 2);
    await log.task(id, ...stagingGreen('2', id));
  }

  async function deps() {
    const db = await space.open();
    await new ProjectionRunner(runnerDeps(store, db), [QUEUE]).catchUp();
    const clock = new TestClock(() => log.nowMs);
    return { models: modelsOn(store, db), store, projects: new NoProjects(), clock };
  }

  async function expected(id: string): Promise<ExpectedTime | undefined> {
    return (await getWhy(await deps(), id))?.expected;
  }

  test('with too few samples there are no figures, and the reason says how many there are', async () => {
    for (let i = 0; i < 4; i += 1) await staged(`web.t${i}`, 3);
    await log.task('web.now', ...submitted('web.now'), claimed(STAGING, 'now'));
    expect(await expected('web.now')).toMatchObject({
      of: 'staging-suite',
      p50Ms: null,
      p90Ms: null,
      samples: 4,
      reason: '4 of web came to the end of staging-suite so far, 5 are needed',
    });
  });

  test('half and nine in ten of the runs took at most so long', async () => {
    const took = [7, 3, 12, 5, 9, 4, 40, 6, 8, 30];
    for (const [i, seconds] of took.entries()) await staged(`web.t${i}`, seconds);
    const since = new Date(log.nowMs + 3 * SECOND).toISOString();
    await log.task('web.now', ...submitted('web.now'), claimed(STAGING, 'now'));
    expect(await expected('web.now')).toEqual({
      of: 'staging-suite',
      since,
      p50Ms: 7 * SECOND,
      p90Ms: 30 * SECOND,
      samples: took.length,
      reason: null,
    });
  });

  test('between runs it is the stay at the stage that counts, and the board shows what why shows', async () => {
    for (let i = 0; i < 5; i += 1) {
      await staged(`web.t${i}`, 3);
      await pass(i * 10 + 1);
      await log.task(`web.t${i}`, { type: 'StageAdvanced', data: { from: 'deploy-staging', to: 'deploy' } });
    }
    await staged('web.now', 3);
    const why = await expected('web.now');
    // From StageAdvanced into the stage: claim, run (3), gate, the pause, and out of it.
    expect(why).toMatchObject({ of: 'deploy-staging', samples: 5, p50Ms: 27 * SECOND, p90Ms: 47 * SECOND });
    const { stages } = await getQueue(await deps());
    const shown = stages.flatMap(({ tasks }) => tasks).find(({ id }) => id === 'web.now');
    expect(shown?.why.expected).toEqual(why);
  });

  test('a stay that a person held up is no sample, and a held task has no figures', async () => {
    for (let i = 0; i < 5; i += 1) {
      await staged(`web.t${i}`, 3);
      if (i === 0) {
        const held = { reason: 'person', by: 'ann', detail: 'lunch', budget: null } as const;
        await log.task(`web.t${i}`, { type: 'TaskHeld', data: held });
        await pass(400);
        await log.task(`web.t${i}`, { type: 'TaskReleased', data: { by: 'ann', reason: 'back' } });
      }
      await log.task(`web.t${i}`, { type: 'StageAdvanced', data: { from: 'deploy-staging', to: 'deploy' } });
    }
    await staged('web.now', 3);
    expect(await expected('web.now')).toMatchObject({ of: 'deploy-staging', samples: 4, p50Ms: null });
    await log.task('web.now', {
      type: 'TaskHeld',
      data: { reason: 'person', by: 'ann', detail: 'looks odd', budget: null },
    });
    expect((await expected('web.now'))?.reason).toMatch(/^a person has to move first/);
  });

  test('a run that was given back, taken back or made void is no sample', async () => {
    const ends: readonly TaskEvent[] = [
      { type: 'ClaimReleased', data: { claim: '2', reason: 'shutdown' } },
      {
        type: 'TransitionReaped',
        data: { claim: '2', job: STAGING, reason: 'owner-dead', retryAt: new Date(0).toISOString() },
      },
      { type: 'HeadMoved', data: { from: null, to: 'f'.repeat(40), voidedClaim: '2' } },
      { type: 'TaskCancelled', data: { by: 'ann', reason: 'no' } },
    ];
    for (const [i, end] of ends.entries()) {
      await log.task(`web.t${i}`, ...submitted(`web.t${i}`), claimed(STAGING, `${i}`), end);
    }
    await log.task('web.now', ...submitted('web.now'), claimed(STAGING, 'now'));
    expect(await expected('web.now')).toMatchObject({ samples: 0 });
  });

  test('another project and another job have a history of their own', async () => {
    for (let i = 0; i < 6; i += 1) await staged(`web.t${i}`, 3);
    await log.policy(policyOf('api'));
    await log.task('api.now', ...submitted('api.now'), claimed(STAGING, 'now'));
    expect(await expected('api.now')).toMatchObject({ samples: 0 });
    await staged('web.gate', 3);
    await log.task('web.gate', claimed(MERGE_GATE, 'g'));
    expect(await expected('web.gate')).toMatchObject({ of: 'merge-gate', samples: 0 });
  });

  test('of more than two hundred tasks only the latest count', async () => {
    for (let i = 0; i < 10; i += 1) await staged(`web.old${i}`, 50);
    for (let i = 0; i < 200; i += 1) await staged(`web.new${i}`, 2);
    await log.task('web.now', ...submitted('web.now'), claimed(STAGING, 'now'));
    expect(await expected('web.now')).toMatchObject({ samples: 200, p90Ms: 2 * SECOND });
  });
});

test('a terminal gets it in one line', () => {
  const step = { of: 'staging-suite', since: '2025-01-01T00:00:00.000Z', samples: 40, reason: null } as const;
  expect(expectedLine({ ...step, p50Ms: 250_000, p90Ms: 3_660_000 })).toBe(
    'half of 40 took at most 4 min 10 s for staging-suite, nine in ten 1 h 1 min; this one began 2025-01-01T00:00:00.000Z',
  );
  expect(expectedLine({ ...step, p50Ms: null, p90Ms: null, reason: 'too few' })).toBe('not known, too few');
});
