import { Client } from 'pg';
import { migrate } from '../../../src/infrastructure/event-stores/postgres/migrate';
import { MIGRATIONS } from '../../../src/infrastructure/event-stores/postgres/schema';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, outcome, stream } from '../../contract/support/events';
import { PASSWORD, startPrivatePostgres, type PrivatePostgres } from '../../support/private-postgres';
import { QuietLogger } from '../../support/quiet-logger';

const LIMIT_MS = 120_000;
const APPEND_NOTHING = `select stagegate.append('{}', '{}', '{}', '{}', '{}', '{}', '', '')`;

let server: PrivatePostgres;
let database: string;
beforeAll(async () => {
  server = await startPrivatePostgres();
  await server.createRole('owner');
  await server.createRole('service');
  await server.createRole('"Second"');
  await server.createRole('stranger');
}, LIMIT_MS);
afterAll(() => server.stop());
beforeEach(async () => {
  database = await server.createDatabase({ owner: 'owner' });
});

const url = (role: string, password?: string) => server.url(database, role, password);
const asOwner = (grantTo: string | null = 'service') => migrate(url('owner'), grantTo);

async function withStore<T>(address: string, work: (store: PostgresEventStore) => Promise<T>): Promise<T> {
  const store = new PostgresEventStore(address, new Reachability(new QuietLogger()));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Code and message of what a look at the server says; nothing when it may be used. */
function refusal(address: string): Promise<string> {
  return withStore(address, (store) =>
    store.verify().then(
      () => '',
      (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message}`,
    ),
  );
}

async function stateOf(role: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url(role) });
  await client.connect();
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}

/** A log as the program of version 1 made it, and granted it to two roles. */
async function asVersion1(): Promise<void> {
  const grants = ['service', '"Second"'].map(
    (role) => `grant usage on schema stagegate to ${role}; grant execute on function stagegate.append(json) to ${role};
      grant select on stagegate.schema_version, stagegate.head, stagegate.event to ${role};`,
  );
  const record = 'insert into stagegate.schema_version values (1, 1, now());';
  const sql = `create schema stagegate; ${MIGRATIONS[0] ?? ''} ${record} ${grants.join('')}`;
  expect(await stateOf('owner', sql)).toBe('done');
}

test('the role of the service may append, and not change what is there', async () => {
  await asOwner();
  await withStore(url('service'), async (store) => {
    expect(await store.verify()).toMatchObject({ ownsLog: false, durability: 'power-loss' });
    expect(await outcome(store.append(stream(), 'no-stream', [event()]))).toBe('ok 0');
  });
  for (const sql of [
    `insert into stagegate.event select 9, stream_id, 9, gen_random_uuid(), type, data, meta, created_at from stagegate.event`,
    `update stagegate.event set type = 'Other'`,
    'delete from stagegate.event',
    'truncate stagegate.event',
    'update stagegate.head set position = 7',
    'update stagegate.schema_version set version = 9',
    'create table stagegate.mine (a int)',
  ]) {
    expect([sql, await stateOf('service', sql)]).toEqual([sql, '42501']);
  }
  expect(await server.query('select position from stagegate.head', database)).toEqual([{ position: '1' }]);
});

test('its owner is kept from changing it by accident, and is told apart', async () => {
  await asOwner();
  await withStore(url('owner'), async (store) => {
    expect(await store.verify()).toMatchObject({ ownsLog: true });
    await store.append(stream(), 'no-stream', [event()]);
  });
  for (const sql of [
    'update stagegate.event set revision = 3',
    'delete from stagegate.event',
    'truncate stagegate.event',
  ])
    expect(await stateOf('owner', sql)).toBe('42501');
});

test('somebody who was granted nothing reads nothing', async () => {
  await asOwner();
  expect(await refusal(url('stranger'))).toMatch(/^STORE_ACCESS_DENIED .*--grant-to ROLE/);
  expect(await stateOf('stranger', APPEND_NOTHING)).toBe('42501');
});

test('migrating again, and by several at once, changes nothing', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => asOwner()));
  expect(all.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(['0 2', '2 2', '2 2', '2 2']);
  const id = await withStore(url('service'), async (store) => {
    const first = event();
    await store.append('task-a', 'no-stream', [first]);
    return first.id;
  });
  expect(await asOwner(null)).toEqual({ from: 2, to: 2, grantedTo: null });
  const events = await withStore(url('service'), (store) => store.readStream('task-a', { limit: 9 }));
  expect(events.map((stored) => stored.id)).toEqual([id]);
});

test('a database without the schema is refused with what to run, and left as it was', async () => {
  expect(await refusal(url('owner'))).toMatch(/^STORE_SCHEMA .*expected schema 2, saw none; run stagegate migrate/);
  expect(await server.query(`select 1 from pg_namespace where nspname = 'stagegate'`, database)).toEqual([]);
});

test('the schema of a newer program is left to that one', async () => {
  await asOwner();
  await server.query('update stagegate.schema_version set version = 3', database);
  expect(await refusal(url('service'))).toMatch(/^STORE_SCHEMA .*saw schema 3; a newer stagegate wrote it/);
  await expect(asOwner()).rejects.toThrow('a newer stagegate wrote it');
});

test('a log of version 1 keeps its events, and those who could append to it can', async () => {
  await asVersion1();
  const [stored, next] = [event(), event()];
  const [{ id, type }, data] = [stored, '{ "spelt":1.50 }'];
  const sql = `select stagegate.append('[{"s":"task-a","e":-1,"v":[{"i":"${id}","t":"${type}","d":${data},"m":{}}]}]')`;
  expect(await stateOf('service', sql)).toBe('done');
  expect(await refusal(url('service'))).toMatch(
    /^STORE_SCHEMA .*expected schema 2, saw schema 1; run stagegate migrate/,
  );

  expect(await asOwner(null)).toEqual({ from: 1, to: 2, grantedTo: null });

  await withStore(url('service'), async (store) => {
    expect(await store.append('task-a', 'no-stream', [stored])).toMatchObject({ revision: 0n, duplicate: true });
    expect(await store.append('task-a', 0n, [next])).toMatchObject({ revision: 1n, position: { commit: 2n } });
    expect((await store.readStream('task-a', { limit: 9 })).map((each) => each.id)).toEqual([id, next.id]);
  });
  expect(await server.query('select data::text from stagegate.event where position = 1', database)).toEqual([{ data }]);
  for (const role of ['Second', 'owner']) expect([role, await stateOf(role, APPEND_NOTHING)]).toEqual([role, 'done']);
  expect(await stateOf('stranger', APPEND_NOTHING)).toBe('42501');
  expect(await stateOf('service', sql)).toBe('42883');
});

test('a schema of that name of another product is left alone', async () => {
  await server.query('create schema stagegate create table customer (id int)', database);
  await server.query('grant usage on schema stagegate to owner', database);
  expect(await refusal(url('owner'))).toMatch(/^STORE_CORRUPT .*another product; use another database/);
  await expect(asOwner()).rejects.toThrow('another product');
  expect(await server.query('select * from stagegate.customer', database)).toEqual([]);
});

test('a failed migration leaves nothing', async () => {
  await expect(asOwner('nobody')).rejects.toThrow('expected a role that exists');
  expect(await server.query(`select 1 from pg_namespace where nspname = 'stagegate'`, database)).toEqual([]);
});

test('what is wrong with the address is said in one line without the password', async () => {
  await asOwner();
  const wrong = await refusal(url('service', 'topsecret'));
  expect(wrong).toMatch(/^STORE_ACCESS_DENIED .*correct user and password/);
  expect(wrong).not.toMatch(/topsecret|\n/);
  expect(await refusal(server.url('nowhere', 'service'))).toMatch(/^STORE_UNAVAILABLE .*create it, or correct the URL/);
  const unreachable = await refusal(`postgres://service:${PASSWORD}@127.0.0.1:1/x`);
  expect(unreachable).toMatch(/^STORE_UNAVAILABLE postgres:\/\/service@127.0.0.1:1\/x: .*ECONNREFUSED/);
  expect(unreachable).not.toContain(PASSWORD);
});
