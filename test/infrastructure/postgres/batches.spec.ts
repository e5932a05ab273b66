import { Client } from 'pg';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, everything, outcome, stream } from '../../contract/support/events';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { QuietLog } from '../../support/quiet-log';

let logs: PostgresLogs;
let database: string;
let store: PostgresEventStore;

beforeAll(async () => {
  logs = await startPostgresLogs();
}, 120_000);
afterAll(() => logs.stop());
beforeEach(async () => {
  database = await logs.create();
  store = new PostgresEventStore(logs.url(database), new Reachability(new QuietLog()));
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

test('the function refuses a batch that is not made of whole events, and keeps nothing of it', async () => {
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
    await call('{0,1}', '{1,1}', `${one},${two}`, '{}\n{}');
    expect(await everything(store)).toHaveLength(2);
  } finally {
    await client.end();
  }
});
