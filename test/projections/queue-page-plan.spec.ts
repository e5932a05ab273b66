import { sql, type Kysely } from 'kysely';
import { cursorOf } from '../../src/projections/cursor';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { parsePage, rowsOfPage, type QueueAsk } from '../../src/projections/queue/queue-page';
import { QUEUE } from '../../src/projections/queue/queue.projection';
import { from } from '../../src/projections/rows/tables';
import { onEveryDatabase, SQLITE } from './support/databases';
import { generationsIn, runnerDeps, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { submitted } from './support/scenario';

const PLACE = '6 4 2025-01-01T00:00:00.000Z web.a';
const STAGE = 'deploy-staging';
const PAIR = 'stageRank,turn';

function behind(asked: { readonly project?: string; readonly stage?: string }): QueueAsk {
  return { ...asked, cursor: cursorOf(['queue', asked.project ?? null, asked.stage ?? null, null], PLACE) };
}

onEveryDatabase((database) => {
  const space = new Workspace(database);
  afterEach(() => space.remove());

  test.each<[asked: QueueAsk, entered: readonly string[]]>([
    [{}, []],
    [behind({}), [PAIR]],
    [{ stage: STAGE }, ['stageRank', 'turn']],
    [behind({ stage: STAGE }), ['stageRank', 'turn']],
    [{ project: 'web' }, ['project']],
    [behind({ project: 'web' }), ['project', PAIR]],
    [{ project: 'web', stage: STAGE }, ['project', 'stageRank', 'turn']],
    [behind({ project: 'web', stage: STAGE }), ['project', 'stageRank', 'turn']],
  ])('the page %j begins in an index, and neither sorts nor passes over rows', async (asked, entered) => {
    const store = new ReadableLog();
    const db = await space.open();
    await new LogWriter(store).task('web.a', ...submitted('web.a'));
    await new ProjectionRunner(runnerDeps(store, db), [QUEUE]).catchUp();
    const plan = await planOf(db, asked);
    expect(plan).toMatch(/ using (index )?"?\w+stageRank_turn_of_turn/i);
    expect(plan).not.toMatch(/sort|temp b-tree|filter/i);
    expect(entryIn(plan)).toEqual(entered);
  });

  async function planOf(db: Kysely<unknown>, asked: QueueAsk): Promise<string> {
    const [{ generation } = { generation: 0 }] = await generationsIn(db, QUEUE);
    return db.transaction().execute(async (trx) => {
      // So few rows would be read without an index.
      if (database !== SQLITE) await sql`set local enable_seqscan = off`.execute(trx);
      const page = rowsOfPage({ rows: (table) => from(trx, table, generation) }, parsePage(asked));
      const lines = await page.explain<object>(undefined, database === SQLITE ? sql`query plan` : sql`costs off`);
      return lines.map((line) => String(Object.values(line).at(-1))).join('\n');
    });
  }
});

/** The columns, and pairs of columns, by which the index is entered. */
function entryIn(plan: string): readonly string[] {
  const said = /(?:Index Cond: |INDEX \w+ )\((.*)\)$/m.exec(plan.replaceAll('"', ''))?.[1] ?? '';
  const found = said.matchAll(/(?:ROW)?\(?(project|stageRank, ?turn|stageRank|turn)\)? ?(?:=|>) ?/g);
  return [...found].map(([, column = '']) => column.replace(' ', ''));
}
