import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFrontMatter, keysOf } from '../../src/domain/staging/front-matter';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { lastJson, startCli, type RunningCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { check } from '../support/invariants';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

const session = new CliSession();
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n', 'health.sh': 'echo of the commit; exit 0\n' }, 'main');
let sample: SampleRepository;
let left = '';
let env: Record<string, string> = {};
let service: RunningCli | null = null;
let target: Server | null = null;
let statuses: number[] = [];
let asked = 0;
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
  left = join(sample.root, 'left');
  mkdirSync(left);
});
afterEach(async () => {
  await stop('SIGTERM');
  const closing = target;
  if (closing) await new Promise((resolve) => closing.close(resolve));
  target = null;
  rmSync(env['STAGEGATE_STATE_DIR'] ?? '', { recursive: true, force: true });
  sample.dispose();
});
afterAll(async () => {
  template.dispose();
  await session.close();
});

async function up(monitor: object, more: object = {}): Promise<void> {
  const quick = { every: '300ms', for: '900ms', failures: 2, ...monitor };
  const web = {
    repo: sample.dir,
    entryStages: ['deploy-staging'],
    staging: { suite: 'true' },
    backoff: { base: '50ms', max: '100ms' },
    monitor: quick,
    ...more,
  };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web } }));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-monitor-'));
  env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', STAGEGATE_LOG_LEVEL: 'error' };
  await start();
}

async function start(): Promise<void> {
  service = startCli(['up', '--json'], env);
  await service.saw(/"url":"([^"]+)"/);
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  service?.child.kill(signal);
  await service?.ended;
  service = null;
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

async function submit(id = 'T1'): Promise<void> {
  const args = ['submit', 'feature', '--project', 'web', '--id', id, '--start-stage', 'deploy-staging'];
  expect(await session.run(args, env)).toMatchObject({ code: 0 });
}

interface Why {
  readonly stage: string;
  readonly status: string;
  readonly code: string;
  readonly text: string;
  readonly do: string | null;
}

async function untilIs(what: (why: Why) => boolean): Promise<Why> {
  let seen: Why | null = null;
  await until(
    'the task is so',
    async () => what((seen = lastJson(await session.run(['why', 'web.T1', '--json'], env)) as Why)),
    60_000,
  );
  return seen as unknown as Why;
}

const isDone = ({ stage }: Why) => stage === 'done';
const isHeld = ({ status }: Why) => status === 'held';
const isWatched = ({ code }: Why) => code === 'monitoring';

async function answer(...args: readonly string[]): Promise<void> {
  expect(await session.run([...args, '--reason', 'seen'], env)).toMatchObject({ code: 0 });
}

async function events() {
  const store = await openSqliteEventStore(join(env['STAGEGATE_STATE_DIR'] ?? '', 'events.db'));
  const { events: all } = await store.readAll({ prefixes: ['task-', 'lane-', 'policy-', 'switches-'], limit: 10_000 });
  await store.close();
  return all;
}

async function polls(): Promise<readonly { readonly poll: number; readonly ok: boolean; readonly seen: string }[]> {
  const polled = (await events()).filter(({ type }) => type === 'MonitorPolled');
  return polled.map(({ data }) => data as unknown as { poll: number; ok: boolean; seen: string });
}

async function artifact() {
  const path = join(env['STAGEGATE_STATE_DIR'] ?? '', 'artifacts/web/T1/17-monitor-log.md');
  await until('the artifact is there', async () => existsSync(path));
  const text = readFileSync(path, 'utf8');
  return { text, read: readFrontMatter(keysOf('monitoring', 'runner'), readFileSync(path)) };
}

async function counted(): Promise<object> {
  const queue = lastJson(await session.run(['queue', '--json'], env)) as { post_deploy_monitor: object };
  return queue.post_deploy_monitor;
}

test('a service that is healthy for a whole window is done, and is asked as often as the window has polls', async () => {
  await up({ url: await serve(200), every: '1s', for: '3s' });
  await submit();
  expect((await untilIs(isWatched)).text).toMatch(/^next poll at \S+, \d of 3 done/);
  await untilIs(isDone);
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
  await submit();
  const held = await untilIs(isHeld);
  expect(held).toMatchObject({ stage: 'monitoring', code: 'held:gate' });
  expect(held.text).toMatch(
    /DEGRADED: 2 bad in a row at poll 3, the last one: status 302 \(a redirect, which is not followed\)/,
  );
  expect(held.do).toContain('stagegate retry web.T1');
  const types = (await events()).map(({ type }) => type);
  expect(types.filter((type) => type === 'AlertRaised')).toHaveLength(1);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  expect((await artifact()).read).toMatchObject({ values: { monitor_status: 'DEGRADED', bad_polls: '2' } });
  await answer('release', 'web.T1');
  await untilIs(isHeld);
  expect(asked).toBe(3);
  await answer('retry', 'web.T1');
  await untilIs(isDone);
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
  await submit();
  await untilIs(isDone);
  expect(readFileSync(join(left, 'asked'), 'utf8')).toBe(`${main()}\n`.repeat(3));
  expect(readFileSync(join(left, 'env'), 'utf8')).toBe(
    `STAGEGATE_COMMIT=${main()}\nSTAGEGATE_MONITOR_PROJECT=web\nSTAGEGATE_TASK=web.T1\n`,
  );
  expect((await artifact()).text).toContain('of the commit');
});

test('a command that hangs is bad, and one that is not there is no poll at all', async () => {
  await up({ command: `test -f ${left}/gone && exit 127; sleep 600`, timeout: '300ms', grace: '100ms' });
  await submit();
  const held = await untilIs(isHeld);
  expect(held.text).toMatch(/DEGRADED: 2 bad in a row at poll 2, the last one: no answer within \d+ ms/);
  writeFileSync(join(left, 'gone'), '');
  await answer('retry', 'web.T1');
  expect(await untilIs(({ code }) => code === 'held:infra-exhausted')).toMatchObject({ stage: 'monitoring' });
  expect((await polls()).map(({ ok }) => ok)).toEqual([false, false]);
});

test('a name that nobody knows is a failure of the machine that asks', async () => {
  await up({ url: 'http://nowhere.invalid/health' }, { budgets: { infra: 1 } });
  await submit();
  const held = await untilIs(isHeld);
  expect(held).toMatchObject({ stage: 'monitoring', code: 'held:infra-exhausted' });
  expect(held.text).toContain('could not be looked up');
  expect(await polls()).toEqual([]);
  expect(await counted()).toMatchObject({ toolErrors: 2, good: 0, bad: 0, degraded: 0 });
});

test('killed in the middle of its window it goes on there, and no poll is counted twice', async () => {
  await up({ url: await serve(200), every: '500ms', for: '4s' });
  await submit();
  for (const seen of [2, 4, 6]) {
    await until('it has been asked', async () => asked >= seen, 60_000);
    await stop('SIGKILL');
    await start();
  }
  await untilIs(isDone);
  const numbers = (await polls()).map(({ poll }) => poll);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  // One that was cut short is asked for once more, and counted once.
  expect(asked).toBeLessThanOrEqual(11);
  expect(check(await events(), { isAtRest: true })).toEqual([]);
});

test('asked in another way in the middle of its window it is watched for a whole one by that way', async () => {
  await up({ command: `echo >> ${left}/old`, every: '500ms', for: '4s' });
  await submit();
  await until('it has been asked', async () => existsSync(join(left, 'old')), 60_000);
  await stop('SIGTERM');
  const file = env['STAGEGATE_PROJECTS'] ?? '';
  writeFileSync(file, readFileSync(file, 'utf8').replace('/old', '/new'));
  await start();
  await untilIs(isDone);
  expect(readFileSync(join(left, 'new'), 'utf8')).toBe('\n'.repeat(8));
  expect((await polls()).slice(-8).map(({ poll }) => poll)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect((await artifact()).read).toMatchObject({ values: { monitor_status: 'HEALTHY', polls: '8' } });
  expect(check(await events(), { isAtRest: true })).toEqual([]);
});

test('switched off in its window it waits for a person, and goes on in it', async () => {
  await up({ url: await serve(200), every: '1s', for: '3s' });
  await submit();
  await until('it has been asked', async () => asked >= 1, 60_000);
  await answer('switch', 'postDeployMonitor', 'off', '--project', 'web');
  expect(await untilIs(({ code }) => code === 'monitor-switched-off')).toMatchObject({ status: 'blocked' });
  await answer('switch', 'postDeployMonitor', 'on', '--project', 'web');
  await untilIs(isDone);
  expect((await polls()).map(({ poll }) => poll)).toEqual([1, 2, 3]);
});
