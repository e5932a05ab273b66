import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataOf, stagegateClient, type components } from '../../src/client';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { startCli, type RunningCli } from '../support/cli';
import { check } from '../support/invariants';
import { operatorClient } from '../support/operator-client';
import { roundsOrAll } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60 * 60_000);

/** Where a landing, a deploy, a poll or the append of one of them is cut short; each of them in the ordinary run. */
const POINTS = [
  'deploy.begun',
  'deploy.ran',
  'land.afterTransaction',
  // Between the claim of the landing and the end of the window.
  ...[6, 7, 8, 9, 10, 11, 12].flatMap((nth) => [`append.before:${nth}`, `append.after:${nth}`]),
  'while it runs',
  'while it polls',
  'monitor.polled',
  'monitor.polled:2',
] as const;
const KILLS = roundsOrAll(50, POINTS.length, POINTS.length);

const sample = new SampleRepository();
const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-killed-'));
const runs = join(sample.root, 'runs');
const env = {
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(sample.root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
let running: RunningCli | null = null;
beforeAll(() => {
  mkdirSync(runs);
  const command = `echo begun >> ${runs}/$STAGEGATE_TASK; sleep 0.3; echo ended >> ${runs}/$STAGEGATE_TASK`;
  const poll = `echo begun >> ${runs}/$STAGEGATE_TASK.polls; sleep 0.2`;
  const web = {
    repo: sample.dir,
    entryStages: ['deploy-staging'],
    staging: { suite: 'true' },
    deploy: { command, timeout: '60s' },
    monitor: { command: poll, every: '300ms', for: '600ms', timeout: '20s' },
    budgets: { crash: 100 },
    backoff: { base: '50ms', max: '100ms' },
  };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ projects: { web } }));
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  rmSync(stateDir, { recursive: true, force: true });
  sample.dispose();
});

async function up(more: Record<string, string> = {}): Promise<string> {
  running = startCli(['up', '--json'], { ...env, ...more });
  const [, url = ''] = await running.saw(/"url":"([^"]+)"/);
  return url;
}

/** @returns how it ended, by this or before. */
async function stop(signal: NodeJS.Signals): Promise<NodeJS.Signals | null> {
  running?.child.kill(signal);
  return (await running?.ended)?.signal ?? null;
}

type Why = components['schemas']['WhyView'];

const statusOf = async (answer: Promise<{ readonly response: Response }>) => (await answer).response.status;

async function submit(url: string, body: components['schemas']['SubmitTaskDto']): Promise<number> {
  return statusOf(operatorClient(stateDir, url).POST('/v1/tasks', { body }));
}

async function retry(url: string, id: string): Promise<number> {
  const path = { id: `web.${id}`, operation: 'retry' } as const;
  const body = { reason: 'seen' };
  return statusOf(operatorClient(stateDir, url).POST('/v1/tasks/{id}/{operation}', { params: { path }, body }));
}

async function untilRests(url: string, id: string, isRest = isAtRest): Promise<Why> {
  let seen: Why | null = null;
  await until(
    `${id} rests`,
    async () => {
      const path = { id: `web.${id}` };
      seen = await dataOf(stagegateClient({ url }).GET('/v1/tasks/{id}/why', { params: { path } }));
      return isRest(seen);
    },
    120_000,
  );
  return seen as unknown as Why;
}

function isAtRest({ stage, status }: Why): boolean {
  return stage === 'done' || status === 'held';
}

const ranOf = (id: string) => {
  const path = join(runs, `web.${id}`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
};

const pollsOf = (id: string) => ranOf(`${id}.polls`).length;

test(`killed ${KILLS} times between landing and end: the deploy ran once, or a person is asked, and the window has its polls`, async () => {
  const fates = { done: 0, asked: 0, killed: 0 };
  for (let round = 0; round < KILLS; round += 1) {
    const id = `T${round}`;
    const point = POINTS[round % POINTS.length] ?? '';
    sample.push(`b${round}`, { [`${id}.txt`]: id }, 'main');
    const isTimed = point.startsWith('while');
    const hasBegun = () => (point === 'while it polls' ? pollsOf(id) > 0 : ranOf(id).length > 0);
    const first = await up(isTimed ? {} : { STAGEGATE_SELFTEST_FAILPOINT: point });
    const body = { project: 'web', branch: `b${round}`, id, startStage: 'deploy-staging' as const };
    // It may be killed as it answers; then somebody asks again.
    const isTold = await submit(first, body).catch(() => 0);
    if (isTimed) {
      await until('it has begun', async () => hasBegun(), 60_000);
      await stop('SIGKILL');
    } else {
      await untilRests(first, id).catch(() => null);
      fates.killed += (await stop('SIGTERM')) === 'SIGKILL' ? 1 : 0;
    }
    const url = await up();
    if (isTold !== 201) await submit(url, body);
    const rest = await untilRests(url, id);
    const begun = ranOf(id).filter((line) => line === 'begun').length;
    if (rest.stage === 'done') {
      expect([id, point, ranOf(id)]).toEqual([id, point, ['begun', 'ended']]);
      fates.done += 1;
    } else {
      expect([id, point, rest]).toMatchObject([id, point, { stage: 'deploy', status: 'held' }]);
      expect(rest.text).toContain('nobody knows how far it got');
      expect([id, point, begun <= 1]).toEqual([id, point, true]);
      expect(await retry(url, id)).toBeLessThan(300);
      // What is shown follows the log.
      await untilRests(url, id, ({ stage }) => stage === 'done');
      expect(ranOf(id).filter((line) => line === 'begun')).toHaveLength(begun + 1);
      fates.asked += 1;
    }
    // One that was cut short is made again. How they were counted is in the log.
    expect([id, point, pollsOf(id) >= 2 && pollsOf(id) <= 3]).toEqual([id, point, true]);
    await stop('SIGTERM');
  }
  expect(fates.asked).toBeGreaterThanOrEqual(3);
  expect(fates.done).toBeGreaterThanOrEqual(3);
  expect(fates.killed).toBeGreaterThan(KILLS / 2);

  const store = await openSqliteEventStore(join(stateDir, 'events.db'));
  const { events } = await store.readAll({ prefixes: ['task-', 'lane-', 'policy-', 'switches-'], limit: 100_000 });
  await store.close();
  expect(check(events, { isAtRest: true })).toEqual([]);
  const polls = events.filter(({ type }) => type === 'MonitorPolled');
  expect(polls.filter(({ data }) => data['poll'] === 1)).toHaveLength(KILLS);
  expect(polls).toHaveLength(2 * KILLS);
});
