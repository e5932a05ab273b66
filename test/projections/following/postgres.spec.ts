import { sql, type Kysely } from 'kysely';
import { Client } from 'pg';
import {
  lookAtPostgresReadModels,
  openPostgresReadModels,
} from '../../../src/infrastructure/read-models/open-postgres-read-models';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { RUNS } from '../../../src/projections/runs/runs.projection';
import { QUEUE } from '../../../src/projections/queue/queue.projection';
import { listRuns } from '../../../src/projections/runs/list-runs.query';
import { until } from '../../contract/support/until';
import { PostgresDatabases } from '../support/databases';
import { QuietLogger } from '../../support/quiet-logger';
import { dump, modelsOn, runnerDeps, Workspace } from '../support/harness';
import { LogWriter } from '../support/log-writer';
import { writeRandomLog } from '../support/random-log';
import { ReadableLog } from '../support/readable-log';
import { submitted } from '../support/scenario';

const LIMIT_MS = 120_000;
const CHECKPOINTS = 'stagegate_read.read_model_generation';

const databases = new PostgresDatabases();
beforeAll(() => databases.start(), LIMIT_MS);
afterAll(() => databases.stop());

let space: Workspace;
let store: ReadableLog;
let log: LogWriter;
let db: Kysely<unknown>;
let logger: QuietLogger;
let runner: ProjectionRunner;

beforeEach(async () => {
  space = new Workspace(databases);
  store = new ReadableLog();
  log = new LogWriter(store);
  db = await space.open();
  logger = new QuietLogger();
  runner = new ProjectionRunner({ ...runnerDeps(store, db), logger }, PROJECTIONS);
});
afterEach(async () => {
  await runner.stop();
  await space.remove();
});

/** What one undisturbed process makes of the log, in SQLite. */
async function expected(): Promise<string> {
  const clean = new Workspace();
  const other = await clean.open();
  await new ProjectionRunner(runnerDeps(store, other), PROJECTIONS).catchUp();
  const text = await dump(other, PROJECTIONS);
  await clean.remove();
  return text;
}

async function url(): Promise<string> {
  const found = await space.url();
  if (found.kind !== 'postgres') throw new Error('not a server');
  return found.url;
}

/** Somebody else's connection, which the end of the server ends too. */
async function intruder(): Promise<Client> {
  const client = new Client({ connectionString: await url() });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const isAtHead = async () => (await runner.lag()).every(({ events }) => events === 0);

test('a log is projected to the bytes that it has in SQLite', async () => {
  await writeRandomLog(log, 31, 60);
  await runner.catchUp();
  expect(await dump(db, PROJECTIONS)).toBe(await expected());
});

describe('a server that is lost', () => {
  test(
    'in the middle of a batch costs no event and doubles none; it is said once, and once when it is back',
    async () => {
      await writeRandomLog(log, 32, 20);
      await runner.start();
      const other = await intruder();
      await other.query(`begin; update ${CHECKPOINTS} set seen = seen`);
      await log.task('web.late', ...submitted('web.late'));
      const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'update%'`;
      await until('a batch waits for the row', async () => (await databases.postgres.query(waiting)).length === 1);
      await databases.postgres.kill();
      await until('it is said', () => logger.errors.length > 0);
      expect(runner.trouble?.error).toMatch(/read models: expected postgres:.* to answer, saw/);
      await expect(runner.lag()).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
      await log.task('web.later', ...submitted('web.later'));
      await databases.postgres.start();
      await until('it follows again', async () => runner.trouble === null && (await isAtHead()));
      expect(logger.errors).toEqual(['read models do not follow the log; trying until they do']);
      expect(logger.infos).toEqual(['read models follow the log again']);
      expect(await dump(db, PROJECTIONS)).toBe(await expected());
    },
    LIMIT_MS,
  );

  test(
    'is told to whoever reads, and read again as soon as it is there',
    async () => {
      await runner.catchUp();
      const models = modelsOn(store, db);
      await listRuns(models);
      await databases.postgres.shutDown();
      const refusal = expect(listRuns(models)).rejects;
      await refusal.toMatchObject({
        code: 'READ_MODEL_UNAVAILABLE',
        message: expect.stringMatching(
          /^read models: expected postgres:\/\/postgres@\S+ to answer, saw .+; start the server, or correct STAGEGATE_READ_MODEL_URL$/,
        ) as string,
      });
      await databases.postgres.start();
      expect((await listRuns(models)).items).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a connection', () => {
  const pidOf = async (on: Kysely<unknown>) =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)).rows[0]?.pid;

  test('on which no answer came is not used again', async () => {
    const hasty = openPostgresReadModels(await url(), 200);
    const before = await pidOf(hasty);
    expect(await pidOf(hasty)).toBe(before);
    await expect(sql`select pg_sleep(60)`.execute(hasty)).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
    expect(await pidOf(hasty)).not.toBe(before);
    await hasty.destroy();
  });

  test('whose statement was refused is as good as before', async () => {
    const before = await pidOf(db);
    await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ code: '22012' });
    expect(await pidOf(db)).toBe(before);
  });

  test('that is lost in a transaction ends it with the reason, not with what cannot be rolled back', async () => {
    const lost = db.transaction().execute((trx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx));
    await expect(lost).rejects.toThrow(/saw terminating connection due to administrator command/);
  });
});

test('a server that is not there yet is no reason not to open them', async () => {
  const gone = openPostgresReadModels('postgres://ann:secret@localhost/none?host=/nowhere');
  const late = new ProjectionRunner(runnerDeps(store, gone), PROJECTIONS);
  await expect(late.catchUp()).rejects.toMatchObject({
    code: 'READ_MODEL_UNAVAILABLE',
    message: expect.stringMatching(
      /^read models: expected postgres:\/\/ann@\/nowhere\/none to answer, saw .*ENOENT/,
    ) as string,
  });
  await gone.destroy();
});

test('a database that is emptied under a running process is filled again', async () => {
  await writeRandomLog(log, 33, 20);
  await runner.start();
  const other = await intruder();
  await other.query('drop schema stagegate_read cascade');
  await other.end();
  await log.task('web.late', ...submitted('web.late'));
  await until(
    'it is whole again',
    async () => runner.trouble === null && logger.infos.length === 1 && (await isAtHead()),
  );
  expect(await dump(db, PROJECTIONS)).toBe(await expected());
});

test('a replica that stands still in a transaction is ended by the server, so that others go on', async () => {
  await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ value: string }>`
      select current_setting('idle_in_transaction_session_timeout') as value`.execute(connection);
    expect(rows).toEqual([{ value: '10s' }]);
  });
});

describe('rights', () => {
  const as = async (role: string) => (await url()).replace('//postgres@', `//${role}:secret@`);
  const runnerAs = async (role: string) => {
    const own = openPostgresReadModels(await as(role));
    return { own, it: new ProjectionRunner(runnerDeps(store, own), PROJECTIONS) };
  };

  test('a role that may make nothing is told in one line what it lacks', async () => {
    await databases.postgres.createRole('nobody');
    const { own, it } = await runnerAs('nobody');
    await expect(it.catchUp()).rejects.toMatchObject({
      code: 'READ_MODEL_UNAVAILABLE',
      message: expect.stringMatching(
        /^read models: expected a role that may make and fill tables in postgres:\/\/nobody@\S+, saw permission denied.*; make the schema stagegate_read there and grant the role USAGE and CREATE on it$/,
      ) as string,
    });
    await own.destroy();
  });

  test('a role that may use the schema, and make none, is enough', async () => {
    await databases.postgres.createRole('service');
    const other = await intruder();
    await other.query('create schema stagegate_read; grant usage, create on schema stagegate_read to service');
    await other.end();
    await writeRandomLog(log, 34, 10);
    const { own, it } = await runnerAs('service');
    await it.catchUp();
    expect(await dump(own, PROJECTIONS)).toBe(await expected());
    await it.rebuild([QUEUE.name, RUNS.name]);
    expect(await dump(own, PROJECTIONS)).toBe(await expected());
    await own.destroy();
  });

  test('whoever only looks makes nothing', async () => {
    const looking = lookAtPostgresReadModels(await url());
    await expect(new ProjectionRunner(runnerDeps(store, looking), PROJECTIONS).lag()).rejects.toMatchObject({
      code: '42P01',
    });
    await looking.destroy();
    const other = await intruder();
    const { rows } = await other.query(`select 1 from pg_namespace where nspname = 'stagegate_read'`);
    expect(rows).toEqual([]);
    await other.end();
  });
});
