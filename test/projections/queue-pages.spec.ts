import type { Kysely } from 'kysely';
import { RequestRefused } from '../../src/application/refusals';
import { cursorOf } from '../../src/projections/cursor';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { getQueue, type QueueView } from '../../src/projections/queue/get-queue.query';
import type { QueueAsk } from '../../src/projections/queue/queue-page';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import type { QueueDeps } from '../../src/projections/queue/queue-rows';
import { onEveryDatabase } from './support/databases';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from './support/harness';
import { LogWriter, T0 } from './support/log-writer';
import { writeRandomLog } from './support/random-log';
import { ReadableLog } from './support/readable-log';
import { claimed, policyOf, STAGING, stagingGreen, submitted, writeScenario } from './support/scenario';

/** As earlier versions named it: stage and urgency as two digits. */
const OLD_CURSOR = Buffer.from('69 2026-01-05T08:00:00.000Z web.a').toString('base64url');

onEveryDatabase((database) => {
  const space = new Workspace(database);
  let store: ReadableLog;
  let log: LogWriter;
  let db: Kysely<unknown>;
  let runner: ProjectionRunner;

  beforeEach(async () => {
    store = new ReadableLog();
    log = new LogWriter(store);
    db = await space.open();
    runner = new ProjectionRunner(runnerDeps(store, db), [QUEUE]);
  });
  afterEach(() => space.remove());

  async function deps(): Promise<QueueDeps> {
    await runner.catchUp();
    return { models: modelsOn(store, db), store, projects: new NoProjects(), clock: new TestClock(() => T0 + 60_000) };
  }

  function idsIn({ stages }: QueueView): readonly string[] {
    return stages.flatMap(({ tasks }) => tasks.map(({ id }) => id));
  }

  async function pages(ask: QueueAsk): Promise<readonly QueueView[]> {
    const on = await deps();
    const views = [await getQueue(on, ask)];
    for (let cursor = views[0]?.nextCursor; cursor; cursor = views.at(-1)?.nextCursor)
      views.push(await getQueue(on, { ...ask, cursor }));
    return views;
  }

  test('pages show every open task once, in the order of one large page', async () => {
    await writeRandomLog(log, 11, 60);
    const whole = await getQueue(await deps(), { limit: '500' });
    const small = await pages({ limit: '7' });
    expect(small.length).toBeGreaterThan(3);
    expect(whole.nextCursor).toBeNull();
    expect(small.flatMap(idsIn)).toEqual(idsIn(whole));
    const entries = whole.stages.flatMap(({ tasks }) => tasks);
    expect(small.flatMap(({ stages }) => stages.flatMap(({ tasks }) => tasks))).toEqual(entries);
    const ofWeb = await pages({ limit: '3', project: 'web' });
    expect(ofWeb.flatMap(idsIn)).toEqual(idsIn(whole).filter((id) => id.startsWith('web.')));
  });

  test('what is counted is counted over all pages', async () => {
    await writeRandomLog(log, 12, 60);
    const on = await deps();
    const whole = await getQueue(on, { limit: '500' });
    const first = await getQueue(on, { limit: '1' });
    const without = ({ stages, ...view }: QueueView) => ({
      ...view,
      nextCursor: null,
      open: stages.map(({ stage, open }) => [stage, open]),
    });
    expect(without(first)).toEqual(without(whole));
    expect(whole.stages.map(({ open }) => open)).toEqual(whole.stages.map(({ tasks }) => tasks.length));
    expect(whole.transition_lease.open).toBe(whole.staging_runner.running + whole.merge_gate.running);
  });

  test('a page goes on behind a task that has moved on since', async () => {
    await log.policy(policyOf('web'));
    for (const id of ['web.a', 'web.b', 'web.c']) await log.task(id, ...submitted(id));
    const { nextCursor: cursor } = await getQueue(await deps(), { limit: '2' });
    await log.task('web.b', { type: 'TaskCancelled', data: { by: 'ann', reason: 'no' } });
    const view = await getQueue(await deps(), { limit: '2', cursor });
    expect([idsIn(view), view.nextCursor]).toEqual([['web.c'], null]);
  });

  test('a stage can be asked for by itself', async () => {
    await writeScenario(log);
    await log.task('web.new', ...submitted('web.new').slice(0, 1));
    const created = await getQueue(await deps(), { stage: 'created' });
    expect(idsIn(created)).toEqual(['web.new']);
    const staging = await pages({ stage: 'deploy-staging', limit: '2' });
    expect(staging.flatMap(idsIn)).toHaveLength(5);
    expect(staging[0]?.stages.map(({ stage, open }) => [stage, open])).toEqual(
      created.stages.map(({ stage, open }) => [stage, open]),
    );
  });

  test('one stage goes on behind a place of any stage', async () => {
    await writeScenario(log);
    const on = await deps();
    const ids = idsIn(await getQueue(on, { stage: 'deploy-staging' }));
    const from = async (stageRank: number) => {
      const filter = ['queue', null, 'deploy-staging', null];
      const cursor = cursorOf(filter, `${stageRank} 9 2030-01-01T00:00:00.000Z web.z`);
      return idsIn(await getQueue(on, { stage: 'deploy-staging', cursor }));
    };
    expect([await from(0), await from(6), await from(7)]).toEqual([ids, [], []]);
    expect(ids.length).toBeGreaterThan(0);
  });

  test('whose turn it is in the lane is known to a page that does not show that task', async () => {
    await log.policy(policyOf('web'));
    for (const [id, priority] of [
      ['web.low', 1],
      ['web.high', 8],
    ] as const) {
      await log.task(id, ...submitted(id, priority), claimed(STAGING, id), ...stagingGreen('2', id));
    }
    const on = await deps();
    const { nextCursor: cursor } = await getQueue(on, { limit: '1' });
    const [low] = (await getQueue(on, { limit: '1', cursor })).stages.flatMap(({ tasks }) => tasks);
    expect(low).toMatchObject({ id: 'web.low', why: { code: 'lane-queue', blockedBy: 'web.high' } });
  });

  test.each([
    [{ limit: '0' }, 'invalid-limit', 'limit: expected a whole number from 1 to 500, saw "0"'],
    [{ limit: '501' }, 'invalid-limit', 'limit: expected a whole number from 1 to 500, saw "501"'],
    [{ limit: ['1', '2'] }, 'invalid-limit', 'limit: expected a whole number from 1 to 500, saw ["1","2"]'],
    [
      { stage: 'done' },
      'unknown-stage',
      'stage: expected one of created, analysis, architecture, development, review, testing, deploy-staging, deploy, monitoring, saw "done"',
    ],
  ])('%j is refused with one clear line', async (ask, code, message) => {
    const refused = getQueue(await deps(), ask);
    await expect(refused).rejects.toBeInstanceOf(RequestRefused);
    await expect(refused).rejects.toMatchObject({ kind: 'invalid', code, message });
  });

  test.each([
    ['here'],
    [['a', 'b']],
    [OLD_CURSOR],
    [cursorOf(['queue', null, null, null], '6 x')],
    [cursorOf(['queue', 'web', null, null], '6 9 2030-01-01T00:00:00.000Z web.z')],
    [cursorOf(['queue', null, null, '1/1'], '6 9 2030-01-01T00:00:00.000Z web.z')],
    [cursorOf(['tasks', null, null, null], 'web.a')],
  ])('the cursor %j, which no such page has given, is refused with one clear line', async (cursor) => {
    const message = `cursor: expected the nextCursor of a page with the same filters, saw ${JSON.stringify(cursor)}; begin at the first page`;
    await expect(getQueue(await deps(), { cursor })).rejects.toMatchObject({
      kind: 'malformed',
      code: 'invalid-cursor',
      message,
    });
  });
});
