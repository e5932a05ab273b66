import type { Kysely } from 'kysely';
import type { EventStore } from '../../../src/application/ports/event-store';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import type { Projection } from '../../../src/projections/projection';
import { PROJECTIONS } from '../../../src/projections/projections';
import { QUEUE, QUEUE_TASK } from '../../../src/projections/queue/queue.projection';
import { positionText } from '../../../src/projections/events/position';
import { onEveryDatabase } from '../support/databases';
import { ReadableLog } from '../support/readable-log';
import { QuietLogger } from '../../support/quiet-logger';
import { dump, generationsIn, modelsOn, runnerDeps, TestClock, Workspace } from '../support/harness';
import { LogWriter } from '../support/log-writer';
import { writeRandomLog } from '../support/random-log';
import { submitted } from '../support/scenario';

onEveryDatabase((database) => {
  let space: Workspace;
  let store: ReadableLog;
  let log: LogWriter;

  beforeEach(() => {
    space = new Workspace(database);
    store = new ReadableLog();
    log = new LogWriter(store);
  });
  afterEach(() => space.remove());

  function runnerOn(db: Kysely<unknown>, projections = PROJECTIONS): ProjectionRunner {
    return new ProjectionRunner(runnerDeps(store, db), projections);
  }

  /** What a single undisturbed process makes of the log. */
  async function expected(): Promise<string> {
    const clean = new Workspace(database);
    const db = await clean.open();
    await runnerOn(db).catchUp();
    const text = await dump(db, PROJECTIONS);
    await clean.remove();
    return text;
  }

  async function idsOf(db: Kysely<unknown>, projection: Projection, of: EventStore = store): Promise<string[]> {
    return modelsOn(of, db).read(projection, async ({ rows }) => {
      const found = await rows<{ key: string }>(QUEUE_TASK.name).select('key').orderBy('key').execute();
      return found.map(({ key }) => key);
    });
  }

  describe('crashes', () => {
    test('a process that dies between batches is taken up from its checkpoint, nothing lost or doubled', async () => {
      await writeRandomLog(log, 1, 300);
      const crashing = await space.open();
      const readAll = store.readAll.bind(store);
      for (let died = 0; died < 3; died += 1) {
        let left = died;
        store.readAll = async (options) => {
          if (left === 0) throw new Error('killed');
          left -= 1;
          return readAll(options);
        };
        await expect(runnerOn(crashing).catchUp()).rejects.toThrow('killed');
      }
      store.readAll = readAll;
      const after = await space.open();
      await runnerOn(after).catchUp();
      expect(await dump(after, PROJECTIONS)).toBe(await expected());
    });

    test('a process that dies within a batch leaves neither rows nor checkpoint', async () => {
      await writeRandomLog(log, 2, 30);
      const db = await space.open();
      const failing = poisoned('web.boom');
      await runnerOn(db, [failing]).catchUp();
      const before = await dump(db, [failing]);
      await log.task('web.t900', ...submitted('web.t900'));
      await log.task('web.boom', ...submitted('web.boom'));
      await expect(runnerOn(db, [failing]).catchUp()).rejects.toThrow('poison');
      expect(await dump(db, [failing])).toBe(before);
      await runnerOn(db, [QUEUE]).catchUp();
      expect(await dump(db, [QUEUE])).toContain('web.boom');
    });
  });

  describe('several processes', () => {
    test('catching up at once, they share the work and count every event once', async () => {
      await writeRandomLog(log, 3, 400);
      const handles = await Promise.all(Array.from({ length: 8 }, () => space.open()));
      const positions = await Promise.all(handles.map((db) => runnerOn(db).catchUp()));
      expect(new Set(positions.map(positionText)).size).toBe(1);
      expect(await dump(handles[0]!, PROJECTIONS)).toBe(await expected());
    });

    test('while one of them appends, each ends at what was in the log when it began', async () => {
      await writeRandomLog(log, 4, 50);
      const handles = await Promise.all([space.open(), space.open()]);
      for (let round = 0; round < 10; round += 1) {
        await log.task(`web.more${round}`, ...submitted(`web.more${round}`));
        const head = (await store.last()).position.commit;
        const reached = await Promise.all(handles.map((db) => runnerOn(db).catchUp()));
        for (const { commit } of reached) expect(commit).toBeGreaterThanOrEqual(head);
      }
      expect(await dump(handles[1], PROJECTIONS)).toBe(await expected());
    });
  });

  test('what a process knows of the rows is of no use once another one has changed them', async () => {
    const handles = await Promise.all([space.open(), space.open()]);
    const runners = handles.map((db) => runnerOn(db));
    const random = new LogWriter(store);
    for (let round = 0; round < 12; round += 1) {
      await writeRandomLog(random, 60 + round, 8);
      await runners[[0, 1, 1, 0][round % 4] ?? 0]?.catchUp();
    }
    await Promise.all(runners.map((runner) => runner.catchUp()));
    expect(await dump(handles[0], PROJECTIONS)).toBe(await expected());
  });

  describe('rebuilding', () => {
    test('gives the bytes that following the log event by event gave', async () => {
      const whole = new ReadableLog();
      await writeRandomLog(new LogWriter(whole), 5, 25);
      const db = await space.open();
      const runner = runnerOn(db);
      for (const event of await whole.events()) {
        const expectedRevision = event.revision === 0n ? 'no-stream' : event.revision - 1n;
        await store.append(event.stream, expectedRevision, [event]);
        await runner.catchUp();
      }
      const live = await dump(db, PROJECTIONS);
      await runner.rebuild();
      expect(await dump(db, PROJECTIONS)).toBe(live);
      const generations = await generationsIn(db, QUEUE);
      expect(generations.map(({ generation, status }) => [generation, status])).toEqual([
        [2, 'live'],
        [1, 'retired'],
      ]);
    });

    test('readers of the live tables see what is appended meanwhile', async () => {
      await writeRandomLog(log, 8, 100);
      const db = await space.open();
      const runner = runnerOn(db, [QUEUE]);
      await runner.start();
      const readAll = store.readAll.bind(store);
      let pages = 0;
      store.readAll = async (options) => {
        pages += 1;
        if (pages === 3) await log.task('web.meanwhile', ...submitted('web.meanwhile'));
        if (pages === 5) expect(await idsOf(db, QUEUE)).toContain('web.meanwhile');
        return readAll({ ...options, limit: Math.min(options.limit, 50) });
      };
      await runner.rebuild();
      expect(pages).toBeGreaterThan(20);
      await runner.stop();
    });

    test('keeps only the generation before the last', async () => {
      await writeRandomLog(log, 6, 5);
      const db = await space.open();
      await runnerOn(db).catchUp();
      for (let times = 0; times < 3; times += 1) await runnerOn(db).rebuild(['queue']);
      expect((await generationsIn(db, QUEUE)).map(({ generation }) => generation)).toEqual([4, 3]);
      const tables = await db.introspection.getTables();
      expect(tables.map(({ name }) => name).filter((name) => name.startsWith('queue_task'))).toEqual([
        'queue_task_g3',
        'queue_task_g4',
      ]);
    });

    test('a new version is built beside the old one, whose readers and followers go on', async () => {
      await writeRandomLog(log, 7, 20);
      const db = await space.open();
      const other = await space.open();
      const next: Projection = { ...QUEUE, version: 2 };
      await runnerOn(db, [QUEUE]).catchUp();
      await runnerOn(other, [next]).catchUp();
      await log.task('web.late', ...submitted('web.late'));
      await runnerOn(db, [QUEUE]).catchUp();
      await runnerOn(other, [next]).catchUp();
      expect(await idsOf(db, QUEUE)).toContain('web.late');
      expect(await idsOf(other, next)).toEqual(await idsOf(db, QUEUE));
    });
  });

  describe('another log', () => {
    test('with the same events is projected from its start, beside the one before', async () => {
      await writeRandomLog(log, 9, 10);
      const db = await space.open();
      await runnerOn(db).catchUp();
      const before = await idsOf(db, QUEUE);
      const moved = new ReadableLog();
      for (const event of (await store.events()).slice(0, 20)) {
        await moved.append(event.stream, event.revision === 0n ? 'no-stream' : event.revision - 1n, [event]);
      }
      // The very same events, in the same places: only the times at which they were recorded tell the two logs apart.
      const [first] = await moved.events();
      jest.spyOn(moved, 'readAll').mockImplementation(async (options) => {
        const page = await ReadableLog.prototype.readAll.call(moved, options);
        const isFirst = (id: string) => id === first?.id;
        const events = page.events.map((event) => (isFirst(event.id) ? { ...event, recordedAt: new Date(0) } : event));
        return { ...page, events };
      });
      await new ProjectionRunner(runnerDeps(moved, db), PROJECTIONS).catchUp();
      expect(await idsOf(db, QUEUE, moved)).not.toEqual(before);
      expect(await idsOf(db, QUEUE, store)).toEqual(before);
    });

    test('an older copy of the log has its read models made again', async () => {
      await writeRandomLog(log, 10, 10);
      const db = await space.open();
      await runnerOn(db).catchUp();
      const restored = Object.create(store) as ReadableLog;
      const kept = (await store.events()).slice(0, 40);
      const last = kept.at(-1)!.position.commit;
      restored.readAll = async (options) => {
        const page = await store.readAll(options);
        const events = page.events.filter(({ position }) => position.commit <= last);
        return { ...page, events, next: events.at(-1)?.position ?? page.next };
      };
      restored.readStream = async (stream, options) =>
        (await store.readStream(stream, options)).filter(({ position }) => position.commit <= last);
      await new ProjectionRunner(runnerDeps(restored, db), PROJECTIONS).catchUp();
      const clean = new Workspace(database);
      const fresh = await clean.open();
      await new ProjectionRunner(runnerDeps(restored, fresh), PROJECTIONS).catchUp();
      expect(await dump(db, PROJECTIONS)).toBe(await dump(fresh, PROJECTIONS));
      await clean.remove();
    });
  });

  describe('following', () => {
    test('a running process projects what is appended', async () => {
      const db = await space.open();
      const runner = runnerOn(db);
      await runner.start();
      await log.task('web.new', ...submitted('web.new'));
      await until(async () => (await idsOf(db, QUEUE)).includes('web.new'));
      await runner.stop();
      expect((await runner.lag()).map(({ events }) => events)).toEqual(PROJECTIONS.map(() => 0));
    });

    test('events that come shortly after each other are projected in one transaction', async () => {
      const db = await space.open();
      const clock = new HeldClock(Date.now);
      const runner = new ProjectionRunner({ ...runnerDeps(store, db), clock }, [QUEUE]);
      await runner.start();
      await log.task('web.first', ...submitted('web.first'));
      await until(async () => clock.held.length > 0);
      const transaction = jest.spyOn(db, 'transaction');
      for (const id of ['web.a', 'web.b', 'web.c']) {
        await log.task(id, ...submitted(id));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(transaction).not.toHaveBeenCalled();
      clock.held.shift()?.();
      const head = positionText((await store.last()).position);
      await until(async () => (await generationsIn(db, QUEUE))[0]?.position === head);
      expect(transaction).toHaveBeenCalledTimes(1);
      await runner.stop();
    });

    test('nothing is read from the log again that a subscription has brought', async () => {
      const db = await space.open();
      await log.task('web.old', ...submitted('web.old'));
      const runner = runnerOn(db);
      await runner.start();
      const head = (await store.last()).position;
      const readAll = jest.spyOn(store, 'readAll');
      await log.task('web.new', ...submitted('web.new'));
      await until(async () => (await idsOf(db, QUEUE)).includes('web.new'));
      await runner.stop();
      const begun = readAll.mock.calls.map(([{ after }]) => after).filter((after) => after?.commit === head.commit);
      expect(begun).toHaveLength(1);
    });

    test('an event that cannot be projected stops everything there, visibly, and is tried again', async () => {
      const db = await space.open();
      const logger = new QuietLogger();
      const failing = poisoned('web.boom', 2);
      const runner = new ProjectionRunner({ ...runnerDeps(store, db), logger }, [failing]);
      await runner.start();
      await log.task('web.boom', ...submitted('web.boom'));
      await until(async () => logger.errors.length > 0);
      expect(await runner.lag()).toMatchObject([{ projection: 'queue', events: 2 }]);
      expect(runner.trouble?.error).toContain('poison');
      await until(async () => (await idsOf(db, failing)).includes('web.boom'));
      await until(async () => runner.trouble === null);
      expect(logger.errors).toHaveLength(1);
      await runner.stop();
    });

    test('streams that no projection is about move the checkpoint only', async () => {
      const db = await space.open();
      await log.write('other-1', [{ type: 'Whatever', data: {} }]);
      expect(await runnerOn(db).catchUp()).toEqual((await store.last()).position);
      expect(await idsOf(db, QUEUE)).toEqual([]);
    });
  });
});

/** Waits end when the test says so. */
class HeldClock extends TestClock {
  readonly held: (() => void)[] = [];

  override after(_delayMs: number, wake: () => void): () => void {
    this.held.push(wake);
    return () => undefined;
  }
}

/** The queue, but for one task it cannot project the first few times. */
function poisoned(taskId: string, times = Number.POSITIVE_INFINITY): Projection {
  let left = times;
  const table = {
    ...QUEUE_TASK,
    fold: (...[row, seen, key]: Parameters<typeof QUEUE_TASK.fold>) => {
      if (key === taskId && left > 0) {
        left -= 1;
        throw new Error('poison');
      }
      return QUEUE_TASK.fold(row, seen, key);
    },
  };
  return { ...QUEUE, tables: QUEUE.tables.map((known) => (known.name === QUEUE_TASK.name ? table : known)) };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that within two seconds');
}
