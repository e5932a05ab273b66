import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { forEverySwitch } from '../../../src/domain/policy/switches';
import { openScratch } from '../../../src/infrastructure/read-models/open-scratch';
import { LogIdentity } from '../../../src/application/log-identity';
import { Past } from '../../../src/projections/past/past';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { getPastQueue, getQueue, type QueueView } from '../../../src/projections/queue/get-queue.query';
import { QUEUE } from '../../../src/projections/queue/queue.projection';
import type { PastQueueDeps } from '../../../src/projections/queue/queue-rows';
import { until } from '../../contract/support/until';
import { onEveryDatabase } from '../support/databases';
import { ReadableLog } from '../support/readable-log';
import { modelsOn, NoProjects, runnerDeps, TestClock, Workspace } from '../support/harness';
import { LogWriter, T0 } from '../support/log-writer';
import { generator, writeRandomLog } from '../support/random-log';
import { policyOf, submitted } from '../support/scenario';

onEveryDatabase((database) => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-past-'));
  let space: Workspace;
  let store: ReadableLog;
  let log: LogWriter;
  let past: Past;
  let nowMs: number;
  let deps: PastQueueDeps;
  let runner: ProjectionRunner;

  beforeEach(async () => {
    space = new Workspace(database);
    store = new ReadableLog();
    log = new LogWriter(store);
    const db: Kysely<unknown> = await space.open();
    runner = new ProjectionRunner(runnerDeps(store, db), [QUEUE]);
    nowMs = Date.now();
    const clock = new TestClock(() => nowMs);
    const models = modelsOn(store, db);
    past = new Past(
      { store, log: new LogIdentity(store), clock, models, openScratch: () => openScratch(folder) },
      QUEUE,
    );
    deps = { models, store, projects: new NoProjects(), clock, past };
  });
  afterEach(async () => {
    await past.close();
    await space.remove();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the live queue showed after every event of a log, by the clock of that event. */
  async function recordLive(whole: ReadableLog): Promise<readonly QueueView[]> {
    const shown: QueueView[] = [];
    for (const event of await whole.events()) {
      await store.append(event.stream, event.revision === 0n ? 'no-stream' : event.revision - 1n, [event]);
      await runner.catchUp();
      nowMs = Date.parse(event.meta['at'] as string);
      shown.push(await getQueue(deps));
    }
    nowMs = Date.now();
    return shown;
  }

  test('any position shows what the live queue showed there', async () => {
    const whole = new ReadableLog();
    await writeRandomLog(new LogWriter(whole), 21, 9);
    const shown = await recordLive(whole);
    const random = generator(7);
    for (let i = 0; i < 25; i += 1) {
      const live = shown[random(shown.length)]!;
      expect(await getPastQueue(deps, live.position)).toEqual(asPast(live));
    }
    expect(await getPastQueue(deps, shown.at(-1)!.position)).toEqual(asPast(shown.at(-1)!));
  });

  test('any instant shows what the live queue showed then, in whatever zone it is written', async () => {
    const whole = new ReadableLog();
    await writeRandomLog(new LogWriter(whole), 22, 7);
    const shown = await recordLive(whole);
    for (let i = 0; i < shown.length; i += 9) {
      const live = shown[i]!;
      expect(await getPastQueue(deps, live.at)).toEqual(asPast(live));
      const inNepal = new Date(Date.parse(live.at) + 20_700_000).toISOString().replace('Z', '+05:45');
      expect(await getPastQueue(deps, inNepal)).toEqual(asPast(live));
    }
    const before = await getPastQueue(deps, '2024-12-31T23:59Z');
    expect(before).toMatchObject({ position: 'start', finished: { done: 0 }, at: '2024-12-31T23:59:00.000Z' });
    expect(before.stages.flatMap(({ tasks }) => tasks)).toEqual([]);
    expect(await getPastQueue(deps, 'start')).toMatchObject({ position: 'start' });
  });

  test('switches that people set are those of then; what configuration says is of now, and is marked so', async () => {
    const off = { switch: 'stagingRunner', enabled: false, by: 'ann', reason: 'it hangs' };
    await log.policy(policyOf('web'));
    await log.switched('web', off);
    const then = new Date(log.nowMs).toISOString();
    await log.switched('web', { ...off, enabled: null });
    await runner.catchUp();
    const origins = { mergeInfraRetry: { from: 'default', asOf: 'now' } };
    const set = { from: 'event', by: 'ann', reason: 'it hangs', since: then, revision: '0' };
    expect((await getPastQueue(deps, then)).switches).toMatchObject([
      { project: 'web', stagingRunner: false, mergeInfraRetry: true, origins: { stagingRunner: set, ...origins } },
    ]);
    expect((await getQueue(deps)).switches).toMatchObject([
      { stagingRunner: true, origins: { stagingRunner: { from: 'default' } } },
    ]);
  });

  test('a project of the past is asked for like one of the present', async () => {
    await writeRandomLog(log, 23, 20);
    await runner.catchUp();
    const { position } = await getQueue(deps);
    const one = await getPastQueue(deps, position, { project: 'api' });
    const projects = one.stages.flatMap(({ tasks }) => tasks.map(({ project }) => project));
    expect(new Set(projects)).toEqual(new Set(['api']));
  });

  test.each([
    ['yesterday', /expected a position like .* saw "yesterday"/],
    ['', /saw ""/],
    ['12/x', /saw "12\/x"/],
    ['-1', /saw "-1"/],
    ['2025-13-01T00:00:00Z', /saw/],
    ['2025-01-01', /saw/],
    ['2025-01-01T00:00:00', /saw/],
    ['9999-01-01T00:00:00Z', /expected an instant up to now/],
    ['999999999', /expected a position up to the end of the log, \d+\/\d+, saw "999999999"/],
  ])('%p is refused in one line', async (at, says) => {
    await log.task('web.a', ...submitted('web.a'));
    const refusal = expect(getPastQueue(deps, at)).rejects;
    await refusal.toMatchObject({ kind: 'invalid', code: 'invalid-at' });
    await expect(getPastQueue(deps, at)).rejects.toThrow(says);
  });

  describe('what was folded once', () => {
    const pagesRead = () => {
      const readAll = jest.spyOn(store, 'readAll');
      return () => readAll.mock.calls.filter(([{ limit }]) => limit > 1).length;
    };

    test('is not folded again, whatever is appended afterwards', async () => {
      await writeRandomLog(log, 24, 20);
      const at = new Date(T0 + 30_000).toISOString();
      const first = await getPastQueue(deps, at);
      await log.task('web.later', ...submitted('web.later'));
      const pages = pagesRead();
      expect(await getPastQueue(deps, at)).toEqual(first);
      expect(pages()).toBe(0);
    });

    test('is folded again when a clock that is behind has added to it', async () => {
      await log.task('web.a', ...submitted('web.a'));
      const at = new Date(T0 + 3_600_000).toISOString();
      await getPastQueue(deps, at);
      await getPastQueue(deps, at);
      await log.task('web.late', ...submitted('web.late'));
      const { stages } = await getPastQueue(deps, at);
      expect(stages.flatMap(({ tasks }) => tasks.map(({ id }) => id))).toEqual(['web.a', 'web.late']);
    });

    test('is let go after four others, and everything at the end', async () => {
      await writeRandomLog(log, 25, 5);
      const events = await store.events();
      for (const { position } of events.slice(0, 12)) await getPastQueue(deps, `${position.commit}`);
      expect(openScratches()).toHaveLength(4);
      expect(readdirSync(folder)).toEqual([]);
      await past.close();
      expect(openScratches()).toEqual([]);
    });
  });

  test('others get their turn while the past is folded', async () => {
    await writeRandomLog(log, 26, 300);
    const { position } = await store.last();
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const readAll = jest.spyOn(store, 'readAll');
    await getPastQueue(deps, `${position.commit}`);
    isOver = true;
    const pages = readAll.mock.calls.filter(([{ limit }]) => limit > 1).length;
    expect(pages).toBeGreaterThan(10);
    expect(turns).toBeGreaterThanOrEqual(pages - 1);
  });

  test('equal questions at once are folded once, and too many different ones are told to try again', async () => {
    await writeRandomLog(log, 27, 20);
    const events = await store.events();
    const same = events[50]!.position;
    const folded = jest.spyOn(store, 'readAll');
    const views = await Promise.all(Array.from({ length: 20 }, () => getPastQueue(deps, `${same.commit}`)));
    expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(1);
    expect(folded.mock.calls.filter(([{ limit }]) => limit > 1)).toHaveLength(1);
    folded.mockRestore();
    const [isOpen, open] = gate();
    const readAll = store.readAll.bind(store);
    store.readAll = async (options) => {
      if (options.limit > 1) await isOpen;
      return readAll(options);
    };
    let refused = 0;
    const asked = events.slice(0, 30).map(({ position }) =>
      getPastQueue(deps, `${position.commit}`).catch((error: unknown) => {
        refused += 1;
        return (error as { code: unknown }).code;
      }),
    );
    await until('all but eight are refused', () => refused === 22);
    open();
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'PAST_BUSY')).toHaveLength(22);
  });

  /** A promise, and what resolves it. */
  function gate(): [Promise<void>, () => void] {
    let open: () => void = () => undefined;
    return [
      new Promise((resolve) => (open = resolve)),
      () => {
        open();
      },
    ];
  }

  /** Files of snapshots that still take room. */
  function openScratches(): string[] {
    const files = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith(folder) && statSync(`/proc/self/fd/${fd}`).size > 0 ? [target] : [];
      } catch {
        // Closed while we looked.
        return [];
      }
    });
    return [...new Set(files)];
  }
});

/** What a look into the past says in place of what was shown then: configuration is known as of now only. */
function asPast(live: QueueView): QueueView {
  const switches = live.switches.map((block) => {
    const origins = forEverySwitch((name) => {
      const origin = block.origins[name];
      return origin.from === 'event' ? origin : { ...origin, asOf: 'now' as const };
    });
    return { ...block, origins };
  });
  return { ...live, switches };
}
