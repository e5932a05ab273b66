import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

type Env = Record<string, string>;
interface Replica {
  readonly env: Env;
  readonly cli: RunningService;
}
interface Shown {
  readonly entry: { readonly stage: string; readonly why: { readonly code: string } };
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}

const session = new CliSession();
const root = mkdtempSync(join(tmpdir(), 'stagegate-switch-replicas-'));
let logs: PostgresLogs;
beforeAll(async () => {
  logs = await startPostgresLogs();
});
afterAll(async () => {
  await logs.stop();
  await session.close();
  rmSync(root, { recursive: true, force: true });
});

const STORES: Readonly<Record<string, () => Promise<Env>>> = {
  SQLite: () => Promise.resolve({ STAGEGATE_EVENT_STORE_URL: `file:${join(root, 'events.db')}` }),
  PostgreSQL: async () => ({ STAGEGATE_EVENT_STORE_URL: logs.url(await logs.create()) }),
};

describe.each(Object.keys(STORES))('two replicas on %s', (store) => {
  const projects = join(root, `${store}.yml`);
  const branch = 'feature';
  // One of its own: a repository knows what has landed by the names of tasks.
  const sample = new SampleRepository();
  let one: Replica;
  let two: Replica;

  const up = async (name: string, shared: Env): Promise<Replica> => {
    const place = { STAGEGATE_STATE_DIR: join(root, store, name), STAGEGATE_PROJECTS: projects, STAGEGATE_PORT: '0' };
    const env = { ...place, ...shared };
    const cli = await startService(env);
    return { env, cli };
  };
  beforeAll(async () => {
    sample.commit(branch, { 'a.txt': 'a\n' }, 'main');
    const staging = { suite: 'true', minIsolation: 'none' };
    const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
    writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
    const shared = (await STORES[store]?.()) ?? {};
    [one, two] = [await up('one', shared), await up('two', shared)];
  });
  afterAll(async () => {
    for (const { cli } of [one, two]) {
      await cli.stop();
    }
    sample.dispose();
  });

  const run = async ({ env }: Replica, ...args: readonly string[]) => {
    const done = await session.run([...args, '--json'], env);
    expect({ args, code: done.code, stderr: done.stderr }).toEqual({ args, code: 0, stderr: '' });
    return done;
  };
  const set = async (by: Replica, state: string) =>
    lastJson(await run(by, 'switch', 'stagingRunner', state, '--project', 'web', '--reason', `to see ${state}`));
  const show = async (by: Replica) => lastJson(await run(by, 'show', 'web.T1')) as Shown;

  it('work under a switch that was set on the other one, without a restart', async () => {
    expect(await set(one, 'off')).toMatchObject({ enabled: false, isChanged: true });
    await two.cli.saw(
      /switches of a project were set.*"stagingRunner":false|"stagingRunner":false.*switches of a project were set/,
    );
    // The one that it was set on takes no part: what the other one does it does by what it was told.
    one.cli.child.kill('SIGSTOP');
    try {
      await run(two, 'submit', branch, '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging');
      await until('it waits', async () => (await show(two)).entry.why.code === 'staging-switched-off', 30_000);
    } finally {
      one.cli.child.kill('SIGCONT');
    }
    expect((await show(two)).events.filter(({ type }) => type === 'TransitionClaimed')).toEqual([]);
    expect(await set(one, 'off')).toMatchObject({ isChanged: false });
    expect(await set(one, 'default')).toMatchObject({ enabled: true, isChanged: true });
    await until('it is done', async () => (await show(two)).entry.stage === 'done', 60_000);
    const claims = (await show(two)).events.filter(({ type }) => type === 'TransitionClaimed');
    expect(claims.map(({ data }) => data['switches'])).toEqual(claims.map(() => ({ revision: '1', off: [] })));
  });

  it('have both events in the log, in a chain', async () => {
    const { stdout } = await session.run(['audit', 'export'], two.env);
    const lines = stdout.split('\n').filter((line) => line.includes('"SwitchSet"'));
    const said = lines.map((line) => (JSON.parse(line) as { data: object }).data);
    expect(said).toMatchObject([
      { switch: 'stagingRunner', enabled: false, reason: 'to see off' },
      { switch: 'stagingRunner', enabled: null, reason: 'to see default' },
    ]);
  });
});
