import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Logger } from '../../../src/application/ports/logger';
import { StoreBusy, StoreUnavailable, type NewEvent } from '../../../src/application/ports/event-store';
import { appendReliably } from '../../../src/application/reliable-append';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { event, everything, idsOf, outcome, stored, stream } from '../../contract/support/events';
import { Follower } from '../../contract/support/follower';
import { until } from '../../contract/support/until';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { rounds } from '../../support/rounds';
import { QuietLogger } from '../../support/quiet-logger';
import { testWherePossible } from '../../support/test-where-possible';

const LIMIT_MS = 120_000;
const KILLS = rounds(3, 1);

let logs: PostgresLogs;
let database: string;
let store: PostgresEventStore;
const opened: PostgresEventStore[] = [];

beforeAll(async () => {
  logs = await startPostgresLogs();
}, LIMIT_MS);
afterAll(() => logs.stop());
beforeEach(async () => {
  database = await logs.create();
  store = open();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function open(logger: Logger = new QuietLogger()): PostgresEventStore {
  const made = new PostgresEventStore(logs.url(database), new Reachability(logger));
  opened.push(made);
  return made;
}

async function asSuperuser(): Promise<Client> {
  const client = new Client({ connectionString: logs.server.url(database) });
  await client.connect();
  return client;
}

test(
  'a server that is killed while appends are under way loses none that was acknowledged, and stores none twice',
  async () => {
    const deps = { store, clock: new SystemClock(), ids: new CryptoIds() };
    const acknowledged: string[] = [];
    let isOver = false;
    const write = async (name: string) => {
      for (let sent = 0; !isOver; sent += 1) {
        const next = event();
        const appended = await appendReliably(deps, name, sent === 0 ? 'no-stream' : BigInt(sent - 1), [next]);
        expect(appended.kind).toBe('appended');
        acknowledged.push(next.id);
      }
    };
    const writers = Array.from({ length: 8 }, () => write(stream()));
    for (let kills = 0; kills < KILLS; kills += 1) {
      const before = acknowledged.length;
      while (acknowledged.length < before + 50) await new Promise((resolve) => setTimeout(resolve, 5));
      await logs.server.kill();
      await logs.server.start();
    }
    isOver = true;
    await Promise.all(writers);
    const present = idsOf(await everything(store));
    expect([...present].sort()).toEqual([...acknowledged].sort());
  },
  LIMIT_MS,
);

test(
  'a server that is away is said once, and once that it is back',
  async () => {
    const logger = new QuietLogger();
    const told = open(logger);
    await told.append(stream(), 'no-stream', [event()]);
    await logs.server.shutDown();
    await expect(told.append(stream(), 'no-stream', [event()])).rejects.toThrow(StoreUnavailable);
    await expect(told.readAll({ prefixes: [''], limit: 1 })).rejects.toThrow(StoreUnavailable);
    await expect(told.append(stream(), 'no-stream', [event()])).rejects.toThrow(StoreUnavailable);
    await logs.server.start();
    expect(await everything(told)).toHaveLength(1);
    expect(await outcome(told.append(stream(), 'no-stream', [event()]))).toBe('ok 0');
    expect(logger.infos).toEqual(['the event store answers again']);
    expect(logger.errors).toEqual(['the event store cannot be used; waiting until it can']);
  },
  LIMIT_MS,
);

test('a server that hangs leaves an append in doubt, and sent again it is stored once', async () => {
  const name = stream();
  const sent: readonly NewEvent[] = [event()];
  await store.append(stream(), 'no-stream', [event()]);
  logs.server.freeze();
  try {
    expect(await outcome(store.append(name, 'no-stream', sent, { timeoutMs: 300 }))).toBe('OutcomeUnknown');
  } finally {
    logs.server.thaw();
  }
  expect(await outcome(store.append(name, 'no-stream', sent))).toBe('ok 0');
  expect(idsOf(await stored(store, name))).toEqual(idsOf(sent));
});

test('an append whose connection is cut under way has an unknown outcome', async () => {
  await store.append(stream(), 'no-stream', [event()]);
  const other = await asSuperuser();
  await other.query('begin; select * from stagegate.head for update');
  const cut = outcome(store.append(stream(), 'no-stream', [event()]));
  const waiting = `from pg_stat_activity where application_name = 'stagegate append' and wait_event_type = 'Lock'`;
  await until('it waits', async () => (await logs.server.query(`select 1 ${waiting}`)).length === 1);
  await logs.server.query(`select pg_terminate_backend(pid) ${waiting}`);
  expect(await cut).toBe('OutcomeUnknown');
  await other.end();
});

test('a lock that somebody holds on the head is waited for, then reported as busy; nothing is stored (C72)', async () => {
  const other = await asSuperuser();
  await other.query('begin; select * from stagegate.head for update');
  const name = stream();
  await expect(store.append(name, 'no-stream', [event()])).rejects.toThrow(StoreBusy);
  await other.end();
  expect(await outcome(store.append(name, 'no-stream', [event()]))).toBe('ok 0');
});

test('an open write in another database delays nothing (C45)', async () => {
  const elsewhere = new Client({ connectionString: logs.server.url() });
  await elsewhere.connect();
  await elsewhere.query('create table if not exists busy (a int); begin; insert into busy values (1)');
  await store.append(stream(), 'no-stream', [event()]);
  expect(await everything(store)).toHaveLength(1);
  await elsewhere.end();
});

test('events that nobody was told of are found by looking (C53)', async () => {
  const follower = new Follower().follow(store);
  await follower.catchesUp();
  const superuser = await asSuperuser();
  await superuser.query(`insert into stagegate.event values (1, 'task-quiet', 0, gen_random_uuid(), 'X', '{}', '{}', now());
    update stagegate.head set position = 1`);
  await superuser.end();
  await follower.sees(1);
  await follower.stop();
});

test('a broken connection for being told is made again', async () => {
  const listeners = () =>
    logs.server.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'stagegate wake-up' and datname = '${database}'`,
    );
  const follower = new Follower().follow(store);
  await follower.catchesUp();
  await until('it listens', async () => (await listeners()).length === 1);
  const [before] = await listeners();
  await logs.server.query(`select pg_terminate_backend(${before?.pid ?? 0})`);
  await until('it listens again', async () => (await listeners()).some(({ pid }) => pid !== before?.pid));
  const next = event();
  await open().append(stream(), 'no-stream', [next]);
  await follower.sees(1);
  expect(follower.ids).toEqual([next.id]);
  await follower.stop();
});

test('settings that lose events in a power cut are in the durability (C73)', async () => {
  expect((await store.verify()).notDurable).toEqual([]);
  expect(store.info.durability).toBe('power-loss');
  await logs.server.query('alter system set fsync = off');
  await logs.server.query('alter system set synchronous_commit = off');
  await logs.server.query('select pg_reload_conf()');
  try {
    const weak = open();
    while ((await weak.verify()).notDurable.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(weak.info.durability).toBe('process-crash');
  } finally {
    await logs.server.query('alter system reset all');
    await logs.server.query('select pg_reload_conf()');
  }
});

testWherePossible(
  process.getuid?.() === 0 ? null : 'only root may mount a small disk',
  'a full disk is said, loses nothing, and is got over when there is space again',
  async () => {
    const disk = mkdtempSync(join(tmpdir(), 'stagegate-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=777', 'none', disk]);
    try {
      const ballast = join(disk, 'ballast');
      writeFileSync(ballast, Buffer.alloc(4_000_000));
      const place = join(disk, 'pg');
      execFileSync('cp', ['-rp', '--attributes-only', join(serverFolder(), 'data', 'pg_tblspc'), place]);
      chmodSync(place, 0o700);
      await logs.server.query(`create tablespace small location '${place}'`);
      await logs.server.query('alter table stagegate.event set tablespace small', database);
      const big = () => [event({ data: { pad: randomText(200_000) } })];
      const before: string[] = [];
      let failure = '';
      for (let tries = 0; failure === '' && tries < 100; tries += 1) {
        const next = big();
        await store.append(stream(), 'no-stream', next).then(
          () => before.push(...idsOf(next)),
          (error: unknown) => (failure = (error as Error).message),
        );
      }
      expect(failure).toMatch(/expected space to write, saw could not extend file .*; free space on the server/);
      expect(idsOf(await everything(store))).toEqual(before);
      rmSync(ballast);
      expect(await outcome(store.append(stream(), 'no-stream', big()))).toBe('ok 0');
      expect(await everything(store)).toHaveLength(before.length + 1);
    } finally {
      await Promise.all(opened.splice(0).map((each) => each.close()));
      await logs.server.query(`drop database ${database} with (force)`);
      await logs.server.query('drop tablespace if exists small');
      execFileSync('umount', [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);

function serverFolder(): string {
  return new URL(logs.server.url()).searchParams.get('host') ?? '';
}

/** Text that does not compress. */
function randomText(length: number): string {
  return Array.from({ length: length / 8 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, 'x')).join('');
}
