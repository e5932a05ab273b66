import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import { lastJson, runCli, startCli, type RunningCli } from '../support/cli';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const LIMIT_MS = 60_000;
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-moving-'));
const projects = join(root, 'stagegate.yml');
const embedded = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: projects,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
let logs: PostgresLogs;
let database: string;
const running: RunningCli[] = [];

beforeAll(async () => {
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
  for (const branch of ['first', 'second', 'third', 'fourth'])
    sample.commit(branch, { [`${branch}.txt`]: 'a\n' }, 'main');
  logs = await startPostgresLogs();
  database = await logs.create();
});
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGTERM');
    await ended;
  }
  await logs.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

type Environment = Record<string, string>;

async function up(env: Environment): Promise<{ cli: RunningCli; get: (path: string) => Promise<unknown> }> {
  const cli = startCli(['up', '--json'], env);
  running.push(cli);
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  return { cli, get: async (path) => (await fetch(new URL(path, url))).json() };
}

async function said(env: Environment, ...args: string[]): Promise<unknown> {
  const result = await runCli([...args, '--json'], env);
  expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code: 0, stderr: '' });
  return lastJson(result);
}

const submit = (env: Environment, id: string) =>
  said(env, 'submit', id, '--project', 'web', '--id', id, '--start-stage', 'deploy-staging');

const onMain = () => sample.git(['ls-tree', '--name-only', 'main'], sample.dir).split('\n');

interface Queue {
  readonly finished: { readonly done: number };
  readonly stages: readonly { readonly tasks: readonly { readonly id: string; readonly status: string }[] }[];
}

const openIn = (queue: unknown) =>
  (queue as Queue).stages.flatMap(({ tasks }) => tasks.map(({ id, status }) => `${id} ${status}`));
const doneIn = (queue: unknown) => (queue as Queue).finished.done;

it('a service that moves from the embedded store to PostgreSQL goes on where it was, with its whole past', async () => {
  const before = await up(embedded);
  await submit(embedded, 'first');
  await until('the first has landed', async () => doneIn(await before.get('/queue')) === 1, LIMIT_MS);
  const then = new Date().toISOString();
  before.cli.child.kill('SIGTERM');
  await before.cli.ended;
  await submit(embedded, 'second');
  await said(embedded, 'hold', 'web.second', '--reason', 'the store is moved');

  const file = join(root, 'log.jsonl');
  const server = { ...embedded, STAGEGATE_EVENT_STORE_URL: logs.url(database) };
  await said(embedded, 'audit', 'export', '--out', file);
  const imported = (await said(server, 'audit', 'import', '--in', file)) as { events: number; appended: number };
  expect(imported.appended).toBe(imported.events);
  const copy = join(root, 'copy.jsonl');
  const exported = (await said(server, 'audit', 'export', '--out', copy)) as { sha256: string };
  expect(await said(embedded, 'audit', 'export', '--out', join(root, 'again.jsonl'))).toMatchObject({
    sha256: exported.sha256,
  });

  const moved = { ...server, STAGEGATE_READ_MODEL_URL: logs.url(database) };
  const after = await up(moved);
  expect(openIn(await after.get('/queue'))).toEqual(['web.second held']);
  expect(openIn(await after.get(`/queue?at=${then}`))).toEqual([]);
  expect(doneIn(await after.get(`/queue?at=${then}`))).toBe(1);
  await said(moved, 'release', 'web.second');
  await until('the second has landed too', async () => doneIn(await after.get('/queue')) === 2, LIMIT_MS);
  expect(onMain()).toEqual(expect.arrayContaining(['first.txt', 'second.txt']));
});

it('a service that moves on from PostgreSQL to EventStoreDB keeps its past and its held task', async () => {
  const peer = await EventStorePeer.start();
  try {
    // The read models stay where they are, and notice that the log does not.
    const readModels = { STAGEGATE_READ_MODEL_URL: logs.url(await logs.create()) };
    const server = { ...embedded, ...readModels, STAGEGATE_STATE_DIR: join(root, 'there') };
    const from = { ...server, STAGEGATE_EVENT_STORE_URL: logs.url(await logs.create()) };
    const before = await up(from);
    await submit(from, 'third');
    await until('the third has landed', async () => doneIn(await before.get('/queue')) === 1, LIMIT_MS);
    before.cli.child.kill('SIGTERM');
    await before.cli.ended;
    await submit(from, 'fourth');
    await said(from, 'hold', 'web.fourth', '--reason', 'the store is moved');

    const file = join(root, 'from-postgres.jsonl');
    const exported = (await said(from, 'audit', 'export', '--out', file)) as { sha256: string; events: number };
    // Another machine, which has nothing but the log: what verdicts cite has to come with it.
    const to = { ...server, STAGEGATE_STATE_DIR: join(root, 'elsewhere'), STAGEGATE_EVENT_STORE_URL: peer.url };
    expect(await said(to, 'audit', 'import', '--in', file)).toMatchObject({ appended: exported.events, held: 0 });
    expect(await said(to, 'audit', 'import', '--in', file)).toMatchObject({ appended: 0, held: exported.events });
    const copy = join(root, 'from-eventstoredb.jsonl');
    expect(await said(to, 'audit', 'export', '--out', copy)).toMatchObject({ sha256: exported.sha256 });

    const after = await up(to);
    expect(openIn(await after.get('/queue'))).toEqual(['web.fourth held']);
    await said(to, 'release', 'web.fourth');
    await until('the fourth has landed too', async () => doneIn(await after.get('/queue')) === 2, LIMIT_MS);
    expect(onMain()).toEqual(expect.arrayContaining(['third.txt', 'fourth.txt']));
    expect((await peer.order('report')).violations).toEqual([]);
    after.cli.child.kill('SIGTERM');
    await after.cli.ended;
  } finally {
    await peer.stop();
  }
});
