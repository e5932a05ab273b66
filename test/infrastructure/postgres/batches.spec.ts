import { Client } from 'pg';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, everything, outcome, stream } from '../../contract/support/events';
import { until } from '../../contract/support/until';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { QuietLogger } from '../../support/quiet-logger';

const FIRST = '00000000-0000-4000-8000-000000000000';
const WAITING = `select pid from pg_stat_activity where application_name = 'stagegate append' and wait_event_type = 'Lock'`;

let logs: PostgresLogs;
let database: string;
let store: PostgresEventStore;

beforeAll(async () => {
  logs = await startPostgresLogs();
}, 120_000);
afterAll(() => logs.stop());
beforeEach(async () => {
  database = await logs.create();
  store = new PostgresEventStore(logs.url(database), new Reachability(new QuietLogger()));
});
afterEach(() => store.close());

/** How many of them stored what is in the log. */
async function commits(): Promise<number> {
  const sql = `select count(distinct xmin::text) as n from stagegate.event`;
  const [row] = await logs.server.query<{ n: string }>(sql, database);
  return Number(row?.n);
}

test('one append of a batch that cannot be stored spoils none of the others (C74)', async () => {
  await logs.server.query(`alter table stagegate.event add check (type <> 'Poison')`, database);
  const types = ['TaskAnnotated', 'Poison', 'TaskAnnotated'];
  const appends = types.map((type) => store.append(stream(), 'no-stream', [event({ type })]));
  expect(await Promise.all(appends.map(outcome))).toEqual(['ok 0', 'InvalidEvent', 'ok 0']);
  expect(await everything(store)).toHaveLength(2);
});

test('appends of one moment share a commit, and each has its own outcome', async () => {
  const [first, second, third] = [event(), event(), event()];
  await store.append('task-a', 'no-stream', [first]);
  const outcomes = [
    store.append('task-a', 0n, [second, third]),
    store.append('task-a', 'no-stream', [first]), // sent again
    store.append('task-a', 0n, [event()]), // lost to the one before
    store.append('task-b', 'no-stream', [event(), first]), // an id of another stream
    store.append('task-b', 'no-stream', [event()]),
    store.append('task-b', 0n, [event()]), // behind one of this moment
    store.append('task-c', 4n, [event()]), // ahead of its stream
  ];
  expect(await Promise.all(outcomes.map(outcome))).toEqual([
    'ok 2',
    'ok 0',
    'conflict 2',
    'EventIdReused',
    'ok 0',
    'ok 1',
    'conflict no-stream',
  ]);
  expect((await everything(store)).map(({ position }) => position.commit)).toEqual([1n, 2n, 3n, 4n, 5n]);
  expect(await commits()).toBe(2);
});

test('of two appends of one moment with one id the first has it', async () => {
  const shared = event();
  const appends = [
    store.append(stream(), 'no-stream', [shared]),
    store.append(stream(), 'no-stream', [shared]),
    ...Array.from({ length: 6 }, () => store.append(stream(), 'no-stream', [event()])),
  ];
  const outcomes = await Promise.all(appends.map(outcome));
  expect(outcomes).toEqual(['ok 0', 'EventIdReused', ...new Array<string>(6).fill('ok 0')]);
  expect(await everything(store)).toHaveLength(7);
  expect(await commits()).toBe(1);
});

test('a batch in which nothing is contended is one commit too', async () => {
  await Promise.all(Array.from({ length: 32 }, () => store.append(stream(), 'no-stream', [event(), event()])));
  expect(await everything(store)).toHaveLength(64);
  expect(await commits()).toBe(1);
});

describe('while somebody else is about to commit', () => {
  const others = event();
  let other: Client;
  beforeEach(async () => {
    await store.append('task-a', 'no-stream', [event({ id: FIRST })]);
    other = new Client({ connectionString: logs.url(database) });
    await other.connect();
    await other.query('begin');
    await other.query(
      `select stagegate.append('{task-a}', '{0}', '{0}', '{1}', '{${others.id}}', '{${others.type}}', '{}', '{}')`,
    );
  });
  afterEach(() => other.end());

  test('whoever is behind is told so without waiting', async () => {
    expect(await outcome(store.append('task-a', 'no-stream', [event()]))).toBe('conflict 0');
    expect(await store.append('task-a', 'no-stream', [event({ id: FIRST })])).toMatchObject({ duplicate: true });
  });

  test.each([
    ['another append at that revision loses', () => [event()], 0n, 'conflict 1'],
    ['the same append is stored already', () => [others], 0n, 'ok 1'],
    ['an append behind it is stored behind it', () => [event()], 1n, 'ok 2'],
  ])('%s', async (_, next, expected, result) => {
    const append = outcome(store.append('task-a', expected, next()));
    await until('it waits for the lock', async () => (await logs.server.query(WAITING)).length === 1);
    await other.query('commit');
    expect(await append).toBe(result);
    const positions = (await everything(store)).map(({ position }) => position.commit);
    expect(positions).toEqual([1n, 2n, 3n].slice(0, positions.length));
  });

  test('an id that it uses is found', async () => {
    const append = outcome(store.append('task-b', 'no-stream', [others]));
    await until('it waits for the lock', async () => (await logs.server.query(WAITING)).length === 1);
    await other.query('commit');
    expect(await append).toBe('EventIdReused');
    expect(await everything(store)).toHaveLength(2);
  });
});

test('the function refuses a batch that is not made of whole events, and keeps the others to the letter', async () => {
  const client = new Client({ connectionString: logs.url(database) });
  await client.connect();
  const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
  const call = (skip: string, count: string, ids: string, data: string) =>
    client.query(
      `select stagegate.append('{task-a,task-b}', '{-1,-1}', '${skip}', '${count}', '{${ids}}', '{T,T}',
      $1, E'{}\\n{}')`,
      [data],
    );
  try {
    for (const [skip, count, ids, data] of [
      ['{0,1}', '{1,1}', `${one},${two}`, '{\n}\n{}'], // a line break in JSON
      ['{0,1}', '{1,1}', `${one},${two}`, '{}'],
      ['{0,1}', '{1,0}', `${one},${two}`, '{}\n{}'],
      ['{0,0}', '{1,1}', one, '{}'],
      ['{0,1}', '{1,2}', `${one},${two}`, '{}\n{}'],
      ['{0,7}', '{1,1}', `${one},${two}`, '{}\n{}'],
      ['{-1,0}', '{1,1}', `${one},${two}`, '{}\n{}'],
    ] as const) {
      await expect(call(skip, count, ids, data)).rejects.toMatchObject({
        code: expect.stringMatching(/^2[23]/) as string,
      });
    }
    expect(await everything(store)).toEqual([]);
    const spelt = [' {"b": 1.50, "a": "\\u00e9"}', '{"a":1,"a":2}'];
    await call('{0,1}', '{1,1}', `${one},${two}`, spelt.join('\n'));
    const sql = 'select data::text as data from stagegate.event order by position';
    expect((await client.query<{ data: string }>(sql)).rows.map(({ data }) => data)).toEqual(spelt);
  } finally {
    await client.end();
  }
});
