import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { until } from '../contract/support/until';
import { runCli, startCli, type RunningCli } from '../support/cli';
import { startPrivatePostgres, type PrivatePostgres } from '../support/private-postgres';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-store-away-'));
let postgres: PrivatePostgres;
let env: Record<string, string>;

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const web = { repo: sample.dir, staging: { suite: 'true' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  postgres = await startPrivatePostgres();
  const database = await postgres.createDatabase();
  env = {
    STAGEGATE_STATE_DIR: join(root, 'state'),
    STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
    STAGEGATE_EVENT_STORE_URL: postgres.url(database),
  };
  expect((await runCli(['migrate'], env, root)).code).toBe(0);
});
afterAll(async () => {
  await postgres.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** Takes the store away from a submission that is about to append. */
async function submitAndTakeAway(id: string): Promise<RunningCli> {
  const holder = new Client({ connectionString: env['STAGEGATE_EVENT_STORE_URL'] });
  // The server is killed under it.
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('begin; lock table stagegate.event in share row exclusive mode');
  const submit = startCli(['submit', 'feature', '--project', 'web', '--id', id], env, root);
  const waiting =
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'stagegate%'";
  await until('its append waits for the lock', async () => (await postgres.query(waiting)).length > 0, 60_000);
  await postgres.kill();
  // From here on it has no connection, and nothing but a timer to wait for.
  await submit.saw(/"code":"STORE_UNAVAILABLE"/);
  return submit;
}

it('submit whose store goes away in the middle of its append waits for it, and ends with what became of it', async () => {
  const submit = await submitAndTakeAway('T');
  await postgres.start();
  const { code, stdout } = await submit.ended;
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^web\.T submitted, at /) as string,
  });
  expect((await runCli(['show', 'web.T'], env, root)).code).toBe(0);
});

it('submit whose store stays away is no success, and says in one line why', async () => {
  const submit = await submitAndTakeAway('U');
  const { code, stdout, stderr } = await submit.ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.match(/^stagegate: .*/gm)).toEqual([expect.stringMatching(/expected .*, saw .*; /)]);
  await postgres.start();
  expect((await runCli(['show', 'web.U'], env, root)).code).toBe(2);
});
