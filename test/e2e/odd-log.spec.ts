import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import fc from 'fast-check';
import type { EventStore } from '../../src/application/ports/event-store';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-stores/eventstoredb/eventstoredb-event-store';
import { PostgresEventStore } from '../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { runCli, startCli } from '../support/cli';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import { failedLooks } from '../support/failed-looks';
import { oddEvents, oddJson, SAMPLES, writeOdd } from '../support/odd-events';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { QuietLogger } from '../support/quiet-logger';
import { roundsOrAll } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(600_000);

/** Of every type of event, each in a stream of its own. */
const PER_TYPE = roundsOrAll(40, 12, 2);
const SEED = 371;

const root = mkdtempSync(join(tmpdir(), 'stagegate-odd-log-'));
const sample = new SampleRepository();
const projects = join(root, 'stagegate.yml');
let servers: PostgresLogs | null = null;
let peer: EventStorePeer | null = null;
beforeAll(() => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const web = { repo: sample.dir, entryStages: ['created', 'deploy-staging'], staging: { suite: 'true' } } as const;
  // Commits that are in no repository fail as the machine does, and pause the lane: rightly, but not what this is about.
  const switches = { laneBreaker: false };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web: { ...web, switches } } }));
});
afterAll(async () => {
  await servers?.stop();
  await peer?.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

interface OddStore {
  readonly env: Record<string, string>;
  readonly store: EventStore;
}

const reachability = () => new Reachability(new QuietLogger());
const STORES = {
  sqlite: async (stateDir: string): Promise<OddStore> => ({
    env: {},
    store: await openSqliteEventStore(join(stateDir, 'events.db')),
  }),
  postgres: async (): Promise<OddStore> => {
    servers ??= await startPostgresLogs();
    const url = servers.url(await servers.create());
    return { env: { STAGEGATE_EVENT_STORE_URL: url }, store: new PostgresEventStore(url, reachability()) };
  },
  eventstoredb: async (): Promise<OddStore> => {
    peer = await EventStorePeer.start();
    const { url } = peer;
    return { env: { STAGEGATE_EVENT_STORE_URL: url }, store: new EventStoreDbEventStore(url, reachability()) };
  },
} as const;

/** What no append takes: a hand puts it there. */
function writeByHand(path: string): void {
  const database = new Database(path);
  for (const { type, data, stream } of SAMPLES) {
    const texts = fc.sample(oddJson(data), { seed: SEED, numRuns: PER_TYPE }).map((odd) => JSON.stringify(odd));
    const rows = database
      .prepare('select position from es_event where type = ? and stream_id like ? order by position limit ?')
      .raw()
      .all(type, `${stream.slice(0, stream.indexOf('-'))}-%odd%`, Math.ceil(PER_TYPE / 2)) as [number][];
    for (const [index, [position]] of rows.entries())
      database.prepare('update es_event set data = ? where position = ?').run(texts[index], position);
  }
  database.close();
}

/** What it said, if it came to an end of its own choice. */
async function verb(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { code, signal, stdout, stderr } = await runCli(args, env);
  const name = args.join(' ');
  expect([name, signal, [0, 2, 3].includes(code ?? -1) ? 'an end' : `${String(code)}: ${stderr}`]).toEqual([
    name,
    null,
    'an end',
  ]);
  expect([name, stderr]).toEqual([name, expect.not.stringMatching(/TypeError|RangeError|SyntaxError|^ {4}at /m)]);
  return stdout;
}

describe.each(['sqlite', 'postgres', 'eventstoredb'] as const)(
  'a log on %s with any JSON in place of the data of any event',
  (kind) => {
    const stateDir = join(root, kind);
    const env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: projects, STAGEGATE_PORT: '0' };
    const odd = oddEvents(PER_TYPE, SEED);
    const ids = odd.flatMap(({ stream }, index) => (stream.startsWith('task-') ? [`web.odd${index}`] : []));
    let more: Record<string, string>;

    beforeAll(async () => {
      mkdirSync(stateDir, { mode: 0o700 });
      const opened = await STORES[kind](stateDir);
      more = opened.env;
      for (const [index, each] of odd.entries()) await writeOdd(opened.store, `odd${index}`, each);
      await opened.store.close();
      if (kind === 'sqlite') writeByHand(join(stateDir, 'events.db'));
    });

    it('is served: the odd ones are told, and another task lands', async () => {
      const cli = startCli(['up', '--json'], { ...env, ...more });
      try {
        const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
        const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
        const body = JSON.stringify({ project: 'web', branch: 'feature', id: 'T1', startStage: 'deploy-staging' });
        const headers = orderHeaders(stateDir, url);
        expect((await fetch(`${url}/v1/tasks`, { method: 'POST', headers, body })).status).toBe(201);
        const stage = async () => (await get<{ stage: string }>('/v1/tasks/web.T1/why')).stage;
        await until('T1 is done', async () => (await stage()) === 'done', 120_000);
        const { damaged } = await get<{ damaged: { count: number } }>('/health/ready');
        // No read model is about the streams of subscribers and of tokens.
        const shown = odd.filter(({ stream }) => !/^(?:subscriber|access)-/.test(stream));
        expect(damaged.count).toBeGreaterThan(shown.length / 2);
        expect(await get('/queue?limit=500')).toMatchObject({ damaged: { count: damaged.count } });
        for (const id of ids)
          for (const path of ['', '/events'])
            expect([id, path, (await fetch(`${url}/v1/tasks/${id}${path}`)).status]).toEqual([id, path, 200]);
      } finally {
        cli.child.kill('SIGTERM');
        const { code, stderr } = await cli.ended;
        expect([code, failedLooks(stderr)]).toEqual([0, []]);
      }
    });

    it('ends no other verb but as that says', async () => {
      const of = ids[0] ?? '';
      const verbs = [['rebuild'], ['show', of], ['why', of], ['queue'], ['runs'], ['log', 'none'], ['doctor']];
      for (const args of [...verbs, ['audit', 'export'], ['hold', of]]) await verb(args, { ...env, ...more });
    });
  },
);
