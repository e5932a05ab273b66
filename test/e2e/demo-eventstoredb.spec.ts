import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EXIT } from '../../src/cli/exit-codes';
import { everything } from '../contract/support/events';
import { openTarget } from '../contract/support/open-target';
import { lastJson, runCli, startProgram, type RunningCli } from '../support/cli';
import { expectAsAnnounced } from '../support/demo-ends';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import { check } from '../support/invariants';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';

jest.setTimeout(180_000);

const DEMO = resolve(__dirname, '../support/demo-on.cjs');

interface Queue {
  readonly finished: { readonly done: number };
  readonly stages: readonly {
    readonly stage: string;
    readonly tasks: readonly { readonly id: string; readonly status: string }[];
  }[];
}

const root = mkdtempSync(join(tmpdir(), 'stagegate-demo-on-'));
const projects = join(root, 'stagegate.json');
let peer: EventStorePeer;
let postgres: PostgresLogs;
let database: string;

beforeAll(async () => {
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const shop = { repo: root, entryStages: ['deploy-staging'], staging };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { shop, 'shop-bots': shop } }));
  [peer, postgres] = await Promise.all([EventStorePeer.start(), startPostgresLogs()]);
});
beforeEach(async () => {
  await peer.order('clear');
  database = await postgres.create();
});
afterAll(async () => {
  await Promise.all([peer.stop(), postgres.stop()]);
  rmSync(root, { recursive: true, force: true });
});

function startDemo(): RunningCli {
  const stores = {
    eventStore: { kind: 'eventstoredb', url: peer.url },
    readModel: { kind: 'postgres', url: postgres.url(database) },
  };
  return startProgram(DEMO, [JSON.stringify(stores)]);
}

/** The log is on the one server, whole and in order; what it means is read from tables of the other one. */
async function expectBothServersAgree(): Promise<void> {
  const store = await openTarget({ kind: 'eventstoredb', url: peer.url });
  const log = await everything(store);
  await store.close();
  expect(check(log, { isAtRest: true })).toEqual([]);
  const env = {
    STAGEGATE_STATE_DIR: join(root, database),
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_EVENT_STORE_URL: peer.url,
    STAGEGATE_READ_MODEL_URL: postgres.url(database),
  };
  const queue = await runCli(['queue', '--all', '--json'], env);
  expect({ code: queue.code, stderr: queue.stderr }).toEqual({ code: 0, stderr: '' });
  const { finished, stages } = lastJson(queue) as Queue;
  expect(finished).toMatchObject({ done: 3 });
  const open = stages.flatMap(({ stage, tasks }) => tasks.map(({ id, status }) => `${id} ${stage} ${status}`));
  expect(open.sort()).toEqual(['shop.catalogue deploy-staging held', 'shop.price-tag development blocked']);
  expect((await peer.order('report')).violations).toEqual([]);
}

it('the demo on EventStoreDB and PostgreSQL ends as on the embedded stores', async () => {
  expectAsAnnounced(await startDemo().ended);
  await expectBothServersAgree();
});

it('a server that is killed and comes back in the middle changes no end', async () => {
  const demo = startDemo();
  await demo.saw(/"type":"StagingSuiteExecuted"/);
  await peer.restart();
  await demo.saw(/"type":"TaskLanded"/);
  await peer.restart();
  expectAsAnnounced(await demo.ended);
  await expectBothServersAgree();
});

it('SIGTERM ends it, on EventStoreDB or PostgreSQL, although the servers went away in the middle and stay away', async () => {
  const [ownPeer, ownPostgres] = await Promise.all([EventStorePeer.start(), startPostgresLogs()]);
  const inPostgres = async () => ({ kind: 'postgres', url: ownPostgres.url(await ownPostgres.create()) });
  const eventStores = [{ kind: 'eventstoredb', url: ownPeer.url }, await inPostgres()];
  const readModels = [await inPostgres(), await inPostgres()];
  const demos = eventStores.map((eventStore, index) =>
    startProgram(DEMO, [JSON.stringify({ eventStore, readModel: readModels[index] })]),
  );
  try {
    await Promise.all(demos.map((demo) => demo.saw(/"type":"StagingSuiteExecuted"/)));
    await Promise.all([ownPeer.stop(), ownPostgres.stop()]);
    for (const { child } of demos) child.kill('SIGTERM');
    for (const { ended } of demos) expect(await ended).toMatchObject({ code: EXIT.interrupted, signal: null });
  } finally {
    for (const { child } of demos) child.kill('SIGKILL');
  }
});
