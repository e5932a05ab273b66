import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readFrontMatter, keysOf } from '../../src/domain/staging/front-matter';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { CliSession } from '../support/cli-session';
import { check } from '../support/invariants';
import { SampleRepository } from '../support/sample-repository';
import { isDone, isHeld, WebProject, type Why } from '../support/web-project';

jest.setTimeout(180_000);

const session = new CliSession();
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n', 'health.sh': 'echo of the commit; exit 0\n' }, 'main');
let web: WebProject;
let sample: SampleRepository;
let left: string;
let target: Server | null = null;
let statuses: number[] = [];
let asked = 0;
beforeEach(() => {
  web = new WebProject(session, template);
  sample = web.sample;
  left = join(sample.root, 'left');
  mkdirSync(left);
});
afterEach(async () => {
  await web.stop();
  const closing = target;
  if (closing) await new Promise((resolve) => closing.close(resolve));
  target = null;
  await web.dispose();
});
afterAll(async () => {
  template.dispose();
  await session.close();
});

async function up(monitor: object, more: object = {}): Promise<void> {
  await web.up({ monitor: { every: '300ms', for: '900ms', failures: 2, ...monitor }, ...more });
}

/** Answers with these statuses in turn, the last one for ever. */
async function serve(...answers: readonly number[]): Promise<string> {
  [statuses, asked] = [[...answers], 0];
  target = createServer((_, response) => {
    asked += 1;
    response.writeHead(statuses.length > 1 ? (statuses.shift() ?? 200) : (statuses[0] ?? 200), {
      location: 'http://169.254.169.254/latest/meta-data/',
    });
    response.end('what it says');
  });
  await new Promise<void>((resolve) => target?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(target.address() as AddressInfo).port}/health?token=t0psecret`;
}

const isWatched = ({ code }: Why) => code === 'monitoring';

async function events() {
  const store = await openSqliteEventStore(join(web.stateDir, 'events.db'));
  const { events: all } = await store.readAll({ prefixes: ['task-', 'lane-', 'policy-', 'switches-'], limit: 10_000 });
  await store.close();
  return all;
}

async function polls(): Promise<readonly { readonly poll: number; readonly ok: boolean; readonly seen: string }[]> {
  const polled = (await events()).filter(({ type }) => type === 'MonitorPolled');
  return polled.map(({ data }) => data as unknown as { poll: number; ok: boolean; seen: string });
}

async function artifact() {
  const bytes = await web.artifact('T1', '17-monitor-log.md');
  return { text: bytes.toString(), read: readFrontMatter(keysOf('monitoring', 'runner'), bytes) };
}

async function counted(): Promise<object> {
  return ((await web.json('queue')) as { post_deploy_monitor: object }).post_deploy_monitor;
}

test('a service that is healthy for a whole window is done, and is asked as often as the window has polls', async () => {
  await up({ url: await serve(200), every: '1s', for: '3s' });
  await web.submit('T1', 'feature');
  expect((await web.until('T1', isWatched)).text).toMatch(/^next poll at \S+, \d of 3 done/);
  await web.until('T1', isDone);
  expect(asked).toBe(3);
  expect((await polls()).map(({ poll, ok }) => [poll, ok])).toEqual([
    [1, true],
    [2, true],
    [3, true],
  ]);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  const { read, text } = await artifact();
  const values = { monitor_status: 'HEALTHY', subject_oid: main, polls: '3', bad_polls: '0' };
  expect(read).toMatchObject({ kind: 'ok', values: { ...values, producer: 'post-deploy-monitor' } });
  expect(text).not.toContain('t0psecret');
  expect(text).toContain('what it says');
  expect(await counted()).toMatchObject({ scope: ['web'], running: 0, good: 3, bad: 0, healthy: 1, degraded: 0 });
});

test('a service that fails is degraded: held, one alert, main stays; a retry watches anew', async () => {
  await up({ url: await serve(200, 503, 302, 200) });
  await web.submit('T1', 'feature');
  const held = await web.until('T1', isHeld);
  expect(held).toMatchObject({ stage: 'monitoring', code: 'held:gate' });
  expect(held.text).toMatch(
    /DEGRADED: 2 bad in a row at poll 3, the last one: status 302 \(a redirect, which is not followed\)/,
  );
  expect(held.do).toContain('stagegate retry web.T1');
  const types = (await events()).map(({ type }) => type);
  expect(types.filter((type) => type === 'AlertRaised')).toHaveLength(1);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  expect((await artifact()).read).toMatchObject({ values: { monitor_status: 'DEGRADED', bad_polls: '2' } });
  await web.answer('release', 'web.T1');
  await web.until('T1', isHeld);
  expect(asked).toBe(3);
  await web.answer('retry', 'web.T1');
  await web.until('T1', isDone);
  expect(asked).toBe(6);
  expect((await polls()).map(({ poll }) => poll)).toEqual([1, 2, 3, 1, 2, 3]);
  expect(sample.git(['rev-parse', 'main'], sample.dir)).toBe(main);
  expect(await counted()).toMatchObject({ good: 4, bad: 2, healthy: 1, degraded: 1 });
  expect(check(await events(), { isAtRest: true })).toEqual([]);
});

test('a command is asked in a clone of what has landed, and told what it is', async () => {
  const main = () => sample.git(['rev-parse', 'main'], sample.dir);
  await up({
    command: `git rev-parse HEAD >> ${left}/asked; env | grep ^STAGEGATE_ | grep -v _RUN | sort > ${left}/env; sh health.sh`,
  });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  expect(readFileSync(join(left, 'asked'), 'utf8')).toBe(`${main()}\n`.repeat(3));
  expect(readFileSync(join(left, 'env'), 'utf8')).toBe(
    `STAGEGATE_COMMIT=${main()}\nSTAGEGATE_MONITOR_PROJECT=web\nSTAGEGATE_TASK=web.T1\n`,
  );
  expect((await artifact()).text).toContain('of the commit');
});

test('a command that hangs is bad, and one that is not there is no poll at all', async () => {
  await up({ command: `test -f ${left}/gone && exit 127; sleep 600`, timeout: '300ms', grace: '100ms' });
  await web.submit('T1', 'feature');
  const held = await web.until('T1', isHeld);
  expect(held.text).toMatch(/DEGRADED: 2 bad in a row at poll 2, the last one: no answer within \d+ ms/);
  writeFileSync(join(left, 'gone'), '');
  await web.answer('retry', 'web.T1');
  expect(await web.until('T1', ({ code }) => code === 'held:infra-exhausted')).toMatchObject({ stage: 'monitoring' });
  expect((await polls()).map(({ ok }) => ok)).toEqual([false, false]);
});

test('a name that nobody knows is a failure of the machine that asks', async () => {
  await up({ url: 'http://nowhere.invalid/health' }, { budgets: { infra: 1 } });
  await web.submit('T1', 'feature');
  const held = await web.until('T1', isHeld);
  expect(held).toMatchObject({ stage: 'monitoring', code: 'held:infra-exhausted' });
  expect(held.text).toContain('could not be looked up');
  expect(await polls()).toEqual([]);
  expect(await counted()).toMatchObject({ toolErrors: 2, good: 0, bad: 0, degraded: 0 });
});

test('killed in the middle of its window it goes on there, and no poll is counted twice', async () => {
  await up({ url: await serve(200), every: '500ms', for: '4s' });
  await web.submit('T1', 'feature');
  for (const seen of [2, 4, 6]) {
    await until('it has been asked', async () => asked >= seen, 60_000);
    await web.stop('SIGKILL');
    await web.start();
  }
  await web.until('T1', isDone);
  const numbers = (await polls()).map(({ poll }) => poll);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  // One that was cut short is asked for once more, and counted once.
  expect(asked).toBeLessThanOrEqual(11);
  expect(check(await events(), { isAtRest: true })).toEqual([]);
});

test('asked in another way in the middle of its window it is watched for a whole one by that way', async () => {
  await up({ command: `echo >> ${left}/old`, every: '500ms', for: '4s' });
  await web.submit('T1', 'feature');
  await until('it has been asked', async () => existsSync(join(left, 'old')), 60_000);
  await web.stop('SIGTERM');
  writeFileSync(web.file, readFileSync(web.file, 'utf8').replace('/old', '/new'));
  await web.start();
  await web.until('T1', isDone);
  expect(readFileSync(join(left, 'new'), 'utf8')).toBe('\n'.repeat(8));
  expect((await polls()).slice(-8).map(({ poll }) => poll)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect((await artifact()).read).toMatchObject({ values: { monitor_status: 'HEALTHY', polls: '8' } });
  expect(check(await events(), { isAtRest: true })).toEqual([]);
});

test('switched off in its window it waits for a person, and goes on in it', async () => {
  await up({ url: await serve(200), every: '1s', for: '3s' });
  await web.submit('T1', 'feature');
  await until('it has been asked', async () => asked >= 1, 60_000);
  await web.answer('switch', 'postDeployMonitor', 'off', '--project', 'web');
  expect(await web.until('T1', ({ code }) => code === 'monitor-switched-off')).toMatchObject({ status: 'blocked' });
  await web.answer('switch', 'postDeployMonitor', 'on', '--project', 'web');
  await web.until('T1', isDone);
  expect((await polls()).map(({ poll }) => poll)).toEqual([1, 2, 3]);
});
