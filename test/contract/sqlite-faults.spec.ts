import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { StoreBusy, StoreCorrupt, StoreUnavailable, type EventStore } from '../../src/application/ports/event-store';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { testWherePossible } from '../support/test-where-possible';
import { event, everything, filled, outcome, stored, stream } from './support/events';
import { endStoreProcesses, StoreProcess } from './support/store-process';
import { until } from './support/until';

const LIMIT_MS = 120_000;
/** Of bytes that no page of a database begins with. */
const NOISE = Buffer.alloc(4_096, 0xa5);

let folder: string;
let path: string;
const opened: EventStore[] = [];

async function open(): Promise<EventStore> {
  const store = await openSqliteEventStore(path);
  opened.push(store);
  return store;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-sqlite-'));
  path = join(folder, 'events.db');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await endStoreProcesses();
  rmSync(folder, { recursive: true, force: true });
});

describe('a lock that another process holds', () => {
  let other: Database.Database;
  beforeEach(async () => {
    await open();
    other = new Database(path);
    other.exec('begin immediate');
  });
  afterEach(() => {
    other.close();
  });

  test('is waited for, with the event loop going on, and then reported as busy; nothing is stored', async () => {
    const store = await open();
    const name = stream();
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    await expect(store.append(name, 'no-stream', [event()], { timeoutMs: 600 })).rejects.toThrow(StoreBusy);
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(5);
    other.exec('rollback');
    expect(await everything(store)).toEqual([]);
    expect(await outcome(store.append(name, 'no-stream', [event()]))).toBe('ok 0');
  });

  test('keeps no reader waiting', async () => {
    const store = await open();
    expect(await everything(store)).toEqual([]);
  });

  test('delays appends for as long as it is held, and then they go together', async () => {
    const store = await open();
    const appends = Array.from({ length: 5 }, () => outcome(store.append(stream(), 'no-stream', [event()])));
    const hurried = outcome(store.append(stream(), 'no-stream', [event()], { timeoutMs: 50 }));
    const name = stream();
    const leaving = new AbortController();
    const left = outcome(store.append(name, 'no-stream', [event()], { signal: leaving.signal }));
    leaving.abort();
    expect(await hurried).toBe('StoreBusy');
    expect(await left).toBe('StoreBusy');
    other.exec('commit');
    expect(await Promise.all(appends)).toEqual(new Array(5).fill('ok 0'));
    expect(await everything(store)).toHaveLength(5);
  });
});

describe('a file that is no sound store', () => {
  async function expectRefused(error: typeof StoreCorrupt | typeof StoreUnavailable, message: RegExp): Promise<void> {
    const refused = open();
    await expect(refused).rejects.toThrow(error);
    await expect(refused).rejects.toThrow(message);
  }

  test('is refused with its path and what to do when it is anything but a database', async () => {
    writeFileSync(path, 'not a database '.repeat(1_000));
    await expectRefused(
      StoreCorrupt,
      /events\.db: expected an event store, saw a damaged or foreign file .*restore it/,
    );
    expect(readFileSync(path, 'utf8')).toMatch(/^not a database/);
  });

  test('is refused when pages of it are damaged', async () => {
    await filled(await open(), 500);
    await opened.pop()?.close();
    overwrite(4_096 * 3, statSync(path).size - 4_096);
    await expectRefused(StoreCorrupt, /damaged/);
  });

  test('is reported by the read that meets the damage', async () => {
    const name = stream();
    const big = () => event({ data: { pad: 'x'.repeat(900_000) } });
    let end: bigint | 'no-stream' = 'no-stream';
    while (end === 'no-stream' || end < 5n) end = (await (await open()).append(name, end, [big()])).revision;
    await Promise.all(opened.splice(0).map((store) => store.close()));
    const store = await open();
    overwrite(4_096 * 10, statSync(path).size);
    await expect(everything(store)).rejects.toThrow(StoreCorrupt);
  });

  test('is refused when it is the database of another program, and is left as it was', async () => {
    const other = new Database(path);
    other.exec('create table customer (id integer)');
    other.close();
    const before = readFileSync(path);
    await expectRefused(StoreCorrupt, /another program/);
    const again = new Database(path);
    expect(again.prepare('select name from sqlite_schema').raw().all()).toEqual([['customer']]);
    again.close();
    expect(readFileSync(path)).toHaveLength(before.length);
  });

  test('is refused when a newer stagegate wrote it', async () => {
    await (await open()).close();
    const newer = new Database(path);
    newer.exec('pragma user_version = 2');
    newer.close();
    await expectRefused(StoreUnavailable, /expected schema 1, saw schema 2; a newer stagegate wrote it/);
  });

  test('is refused when it is a folder', async () => {
    mkdirSync(path);
    await expectRefused(StoreUnavailable, /events\.db: expected a file that can be opened/);
  });

  test('of the first version, which did not say what it was, is taken over', async () => {
    const name = await filled(await open(), 3);
    await opened.pop()?.close();
    const old = new Database(path);
    old.exec('pragma application_id = 0; pragma user_version = 0');
    old.close();
    expect(await stored(await open(), name)).toHaveLength(3);
    const now = new Database(path);
    expect(now.prepare('pragma user_version').raw().all()).toEqual([[1]]);
    now.close();
  });

  function overwrite(from: number, to: number): void {
    const file = openSync(path, 'r+');
    for (let at = from; at < to; at += NOISE.length) writeSync(file, NOISE, 0, Math.min(NOISE.length, to - at), at);
  }
});

test('eight processes that make the file at once make one store', async () => {
  const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
  const results = await Promise.all(stores.map((store) => outcome(store.append(stream(), 'no-stream', [event()]))));
  expect(results).toEqual(new Array(8).fill('ok 0'));
});

testWherePossible(
  obstacleOf(mounting(), 'true'),
  'a full disk refuses appends, keeps what was acknowledged, and is forgotten once there is space (C60)',
  async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const target = { kind: 'sqlite', path: join(disk, 'events.db') } as const;
    const process = await StoreProcess.start(target, mounting(disk));
    const { failure, acknowledged, stored: kept, afterwards } = await process.run('fillDisk', disk);
    expect(failure).toMatch(/^StoreUnavailable: .*events\.db: expected a writable event store, saw .*free space/);
    expect(acknowledged).toBeGreaterThan(0);
    expect(kept).toBe(acknowledged);
    expect(afterwards).toBe('ok');
  },
  LIMIT_MS,
);

testWherePossible(
  obstacleOf(['strace', '-f', '-qq', '-e', 'trace=fsync', '-o', '/dev/null'], 'true'),
  'every commit is synced to disk before it is acknowledged (C61)',
  async () => {
    const trace = join(folder, 'trace');
    const target = { kind: 'sqlite', path } as const;
    const tracer = ['strace', '-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace];
    const process = await StoreProcess.start(target, tracer);
    const synced = () =>
      readFileSync(trace, 'utf8')
        .split('\n')
        .filter((line) => /sync\(\d+\)\s+= 0/.test(line)).length;
    const before = synced();
    await process.run('write', stream(), 20);
    await until('20 commits were synced', () => synced() - before >= 20, 5_000);
  },
  LIMIT_MS,
);

/** A command that runs another one with a disk of 3 MB of its own at `disk`, gone when it ends. */
function mounting(disk = tmpdir()): readonly string[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"';
  return ['unshare', ...asRoot, '--mount', 'sh', '-c', script, disk];
}

function obstacleOf([command = '', ...rest]: readonly string[], probe: string): string | null {
  try {
    execFileSync(command, [...rest, probe], { stdio: 'pipe' });
    return null;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    return `${command} ${code ?? String(stderr ?? 'failed').trim()}`;
  }
}
