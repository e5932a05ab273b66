import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataOf, stagegateClient } from '../../src/client';
import { until } from '../contract/support/until';
import { lastJson, runCli, startCli, startService, type RunningService } from '../support/cli';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { PROJECTIONS } from '../../src/projections/projections';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

interface Replica {
  readonly env: Record<string, string>;
  readonly cli: RunningService;
  readonly url: string;
}

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-replicas-'));
const projects = join(root, 'stagegate.yml');
let logs: PostgresLogs;
let database: string;
const replicas: Replica[] = [];

beforeAll(async () => {
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
  logs = await startPostgresLogs();
  database = await logs.create();
  for (const name of ['one', 'two']) replicas.push(await up(name));
});
afterAll(async () => {
  for (const { cli } of replicas) {
    await cli.stop();
  }
  await logs.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

function envOf(name: string): Record<string, string> {
  return {
    STAGEGATE_STATE_DIR: join(root, name),
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_PORT: '0',
    STAGEGATE_EVENT_STORE_URL: logs.url(database),
    STAGEGATE_READ_MODEL_URL: logs.url(database),
  };
}

async function up(name: string): Promise<Replica> {
  const env = envOf(name);
  const cli = await startService(env);
  const { url } = cli;
  return { env, cli, url };
}

const queueOf = ({ url }: Replica, at?: string) =>
  dataOf(stagegateClient({ url }).GET('/queue', { params: { query: at === undefined ? {} : { at } } }));

async function land(id: string, by: Replica, seenBy: Replica, done: number): Promise<void> {
  sample.commit(id, { [`${id}.txt`]: 'a\n' }, 'main');
  const args = ['submit', id, '--project', 'web', '--id', id, '--start-stage', 'deploy-staging'];
  const { code, stderr } = await runCli(args, by.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await until(`${id} is done`, async () => (await queueOf(seenBy)).finished.done === done, 60_000);
}

it('what one replica was told, both show, from the same tables', async () => {
  const [one, two] = replicas as [Replica, Replica];
  await land('first', one, two, 1);
  const seen = async (replica: Replica) => {
    const { position, finished, stages } = await queueOf(replica);
    return { position, finished, stages };
  };
  await until('both are at the same place', async () => (await seen(one)).position === (await seen(two)).position);
  expect(await seen(one)).toEqual(await seen(two));
  const generations = await logs.server.query<{ count: number }>(
    `select count(*)::int as count from stagegate_read.read_model_generation where status = 'live'`,
    database,
  );
  expect(generations).toEqual([{ count: PROJECTIONS.length }]);
});

it('the past and the expected time are read there too', async () => {
  const [one] = replicas as [Replica];
  const { position } = await queueOf(one);
  expect(await queueOf(one, position)).toMatchObject({ position, finished: { done: 1 } });
  expect(await queueOf(one, 'start')).toMatchObject({ finished: { done: 0 } });
  const why = lastJson(await runCli(['why', 'web.first', '--json'], one.env)) as { expected: object };
  expect(why.expected).toMatchObject({ of: 'done' });
});

it('a rebuild by a third process replaces the tables under both', async () => {
  const { code, stdout } = await runCli(['rebuild', '--json'], envOf('three'));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rebuilt: Array(PROJECTIONS.length).fill({ generation: 2 }) });
  for (const replica of replicas) expect(await queueOf(replica)).toMatchObject({ finished: { done: 1 } });
  await land('second', replicas[1]!, replicas[0]!, 2);
});

it('doctor looks at them, and makes nothing', async () => {
  const found = lastJson(await runCli(['doctor', '--json'], replicas[0]!.env)) as {
    checks: { name: string; seen: string }[];
  };
  expect(found.checks.find(({ name }) => name === 'read models')?.seen).toBe('at the head of the log');
  const empty = await logs.create();
  const env = { ...envOf('four'), STAGEGATE_READ_MODEL_URL: logs.url(empty) };
  const looked = lastJson(await runCli(['doctor', '--json'], env)) as typeof found;
  expect(looked.checks.find(({ name }) => name === 'read models')?.seen).toBe('not built yet');
  expect(await logs.server.query(`select 1 from pg_tables where schemaname = 'stagegate_read'`, empty)).toEqual([]);
});

it('replicas outlive their server, say so while it is away, and go on when it is back', async () => {
  await logs.server.kill();
  for (const replica of replicas)
    await until('it is not ready', async () => (await fetch(new URL('/health/ready', replica.url))).status === 503);
  await logs.server.start();
  for (const replica of replicas)
    await until('it is ready', async () => (await fetch(new URL('/health/ready', replica.url))).ok, 60_000);
  await land('third', replicas[0]!, replicas[1]!, 3);
});

it('a service waits for the server of its read models at the start, and lands without it later', async () => {
  const env = { ...envOf('five'), STAGEGATE_EVENT_STORE_URL: 'file:events.db' };
  await logs.server.shutDown();
  const cli = startCli(['up', '--json'], env);
  try {
    await cli.saw(/read models do not follow the log; trying until they do/);
    await logs.server.start();
    await cli.saw(/"ready"/);
    await cli.saw(/read models follow the log again/);
    await logs.server.shutDown();
    sample.commit('fourth', { 'fourth.txt': 'a\n' }, 'main');
    const args = ['submit', 'fourth', '--project', 'web', '--id', 'fourth', '--start-stage', 'deploy-staging'];
    expect((await runCli(args, env)).code).toBe(0);
    const landed = () => sample.git(['ls-tree', '--name-only', 'main'], sample.dir).includes('fourth.txt');
    await until('it has landed', landed, 60_000);
    await logs.server.start();
  } finally {
    cli.child.kill('SIGTERM');
  }
  const { stderr } = await cli.ended;
  expect(stderr.match(/read models do not follow the log/g)).toHaveLength(2);
});
