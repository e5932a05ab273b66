import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { parsePage, readPage } from '../../src/projections/queue/queue-page';
import { QUEUE, QUEUE_TASK } from '../../src/projections/queue/queue.projection';
import type { QueueTask } from '../../src/projections/queue/projectors/queue-task.projector';
import { onEveryDatabase } from './support/databases';
import { modelsOn, runnerDeps, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { submitted } from './support/scenario';

/** Ranks of stages in a pipeline that has more of them than one digit can number. */
const RANKS: Readonly<Record<string, number>> = { 'web.a': 11, 'web.b': 0, 'web.c': 10, 'web.d': 9, 'web.e': 2 };

/** The queue of such a pipeline. */
const WIDE = {
  ...QUEUE,
  tables: QUEUE.tables.map((table) =>
    table.name === QUEUE_TASK.name
      ? {
          ...QUEUE_TASK,
          encode: (row: QueueTask) => ({ ...QUEUE_TASK.encode(row), stageRank: RANKS[row.task.id] ?? 0 }),
        }
      : table,
  ),
};

onEveryDatabase((database) => {
  const space = new Workspace(database);
  afterEach(() => space.remove());

  test('with more than ten open stages, tasks come in the order of their stages, page by page', async () => {
    const store = new ReadableLog();
    const log = new LogWriter(store);
    const db = await space.open();
    for (const id of Object.keys(RANKS)) await log.task(id, ...submitted(id).slice(0, 1));
    await new ProjectionRunner(runnerDeps(store, db), [WIDE]).catchUp();

    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = parsePage({ limit: '2', cursor });
      const { rows, nextCursor } = await modelsOn(store, db).read(WIDE, (snapshot) => readPage(snapshot, page));
      pages.push(rows.map(({ task }) => task.id));
      cursor = nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual([['web.b', 'web.e'], ['web.d', 'web.c'], ['web.a']]);
  });
});
