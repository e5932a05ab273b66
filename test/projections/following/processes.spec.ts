import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  openSqliteEventStore,
  type SqliteEventStore,
} from '../../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { START } from '../../../src/projections/events/position';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../../src/projections/projections';
import { QUEUE } from '../../../src/projections/queue/queue.projection';
import { rounds } from '../../support/rounds';
import { onEveryDatabase } from '../support/databases';
import { dump, generationsIn, runnerDeps, Workspace } from '../support/harness';
import { LogWriter } from '../support/log-writer';
import { writeRandomLog } from '../support/random-log';

const SEED = 11;
/** Long enough for a kill to come in the middle of it, of several pages. */
const TASKS = rounds(350, 200);

const folder = mkdtempSync(join(tmpdir(), 'stagegate-processes-'));
const events = join(folder, 'events.db');
let store: SqliteEventStore;
/** What one undisturbed process makes of the log; the same bytes in every database. */
let expected: string;

beforeAll(async () => {
  store = await openSqliteEventStore(events);
  await writeRandomLog(new LogWriter(store), SEED, TASKS);
  const space = new Workspace();
  const db = await space.open();
  await new ProjectionRunner(runnerDeps(store, db), PROJECTIONS).catchUp();
  expected = await dump(db, PROJECTIONS);
  await space.remove();
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

onEveryDatabase((database) => {
  let space: Workspace;
  let target: string;

  beforeEach(async () => {
    space = new Workspace(database);
    target = JSON.stringify(await space.url());
  });
  afterEach(() => space.remove());

  /** A process that projects the whole log into this test's database. */
  function child(work: 'catch-up' | 'rebuild' | 'endless-rebuild' = 'catch-up'): ChildProcess {
    const hook = resolve(__dirname, '../../support/ts-register.cjs');
    const args = ['--require', hook, join(__dirname, '../support/catch-up-child.ts'), events, target, work];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async function exitCode(process: ChildProcess): Promise<number | null> {
    const [code] = (await once(process, 'exit')) as [number | null];
    return code;
  }

  async function killed(victim: ChildProcess, afterMs: number): Promise<void> {
    const ended = exitCode(victim);
    await Promise.race([once(victim.stdout!, 'data'), ended]);
    await delay(afterMs);
    victim.kill('SIGKILL');
    await ended;
  }

  test('processes that are killed at any moment lose nothing and double nothing', async () => {
    for (const afterMs of [0, 20, 60]) await killed(child(), afterMs);
    expect(await exitCode(child())).toBe(0);
    expect(await dump(await space.open(), PROJECTIONS)).toBe(expected);
  });

  test('four processes that start at once leave what one would', async () => {
    const codes = await Promise.all(Array.from({ length: 4 }, () => exitCode(child())));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(await dump(await space.open(), PROJECTIONS)).toBe(expected);
  });

  test('a rebuild that is killed leaves the live tables serving, and the next process ends it', async () => {
    const db = await space.open();
    await new ProjectionRunner(runnerDeps(store, db), PROJECTIONS).catchUp();
    const victim = child('endless-rebuild');
    const ended = exitCode(victim);
    while ((await generationsIn(db, QUEUE))[0]?.position === START || (await statuses()).building === undefined)
      await delay(5);
    victim.kill('SIGKILL');
    await ended;
    expect(await dump(db, PROJECTIONS)).toBe(expected);
    expect(await statuses()).toEqual({ building: 2, live: 1 });
    expect(await exitCode(child())).toBe(0);
    expect(await statuses()).toEqual({ live: 2, retired: 1 });
    expect(await dump(db, PROJECTIONS)).toBe(expected);

    async function statuses() {
      const known = await generationsIn(db, QUEUE);
      return Object.fromEntries(known.map(({ status, generation }) => [status, generation]));
    }
  });

  test('three processes that rebuild at once while another follows leave one live set, and its bytes', async () => {
    expect(await exitCode(child())).toBe(0);
    const works = ['rebuild', 'rebuild', 'catch-up', 'rebuild'] as const;
    const codes = await Promise.all(works.map((work) => exitCode(child(work))));
    expect(codes).toEqual([0, 0, 0, 0]);
    const db = await space.open();
    expect(await dump(db, PROJECTIONS)).toBe(expected);
    const known = await generationsIn(db, QUEUE);
    expect(known.map(({ status }) => status)).toEqual(['live', 'retired']);
  });
});
