import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { status } from '@grpc/grpc-js';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { exported } from '../contract/event-store/moving.contract';
import { everything } from '../contract/support/events';
import { until } from '../contract/support/until';
import { ChainedLog } from '../support/chained-log';
import { runCli, startCli } from '../support/cli';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import { freePort } from '../support/free-port';
import { startPostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';

const LIMIT_MS = 60_000;
const DENIED = { code: status.PERMISSION_DENIED, details: 'Access Denied', trailers: {} };
jest.setTimeout(2 * LIMIT_MS);

let root: string;
let sample: SampleRepository;
let peer: EventStorePeer;
let env: Record<string, string>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-esdb-'));
  sample = new SampleRepository();
  const projects = join(root, 'stagegate.json');
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
  peer = await EventStorePeer.start();
  env = {
    STAGEGATE_STATE_DIR: join(root, 'state'),
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_PORT: '0',
    STAGEGATE_EVENT_STORE_URL: peer.url.replace('esdb://', 'esdb://ann:hunter42@'),
  };
});
afterAll(async () => {
  await peer.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

interface Seen {
  readonly name: string;
  readonly verdict: string;
  readonly seen: string;
  readonly fix: readonly string[];
}

async function seenByDoctor(check: string, more: Record<string, string> = {}): Promise<Seen> {
  const { stdout, stderr } = await runCli(['doctor', '--json'], { ...env, ...more });
  expect(stdout + stderr).not.toContain('hunter42');
  const { checks } = JSON.parse(stdout) as { checks: Seen[] };
  return checks.find(({ name }) => name === check) ?? { name: check, verdict: 'none', seen: '', fix: [] };
}

const storeSeenByDoctor = () => seenByDoctor('event store');

it('a service on a server of the EventStoreDB kind waits for it, lands a task, and waits again', async () => {
  await peer.kill();
  expect((await storeSeenByDoctor()).seen).not.toContain('answers');
  const cli = startCli(['up', '--json'], env);
  try {
    await cli.saw(/the event store cannot be used; waiting until it can/);
    await peer.restart();
    const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
    expect(await storeSeenByDoctor()).toMatchObject({ seen: expect.stringMatching(/: answers, /) as string });

    sample.commit('first', { 'first.txt': 'a\n' }, 'main');
    const args = ['submit', 'first', '--project', 'web', '--id', 'first', '--start-stage', 'deploy-staging'];
    expect(await runCli(args, env)).toMatchObject({ code: 0 });
    const done = async () => {
      const queue = (await (await fetch(new URL('/queue', url))).json()) as { finished: { done: number } };
      return queue.finished.done;
    };
    await until('the first has landed', async () => (await done()) === 1, LIMIT_MS);
    expect(sample.git(['ls-tree', '--name-only', 'main'], sample.dir)).toContain('first.txt');

    const ready = async () => (await fetch(new URL('/health/ready', url))).status;
    await peer.kill();
    await until('it is not ready', async () => (await ready()) === 503, LIMIT_MS);
    await peer.restart();
    await until('it is ready again', async () => (await ready()) === 200, LIMIT_MS);
    expect((await peer.order('report')).violations).toEqual([]);
  } finally {
    cli.child.kill('SIGTERM');
  }
  const { code, stdout, stderr } = await cli.ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain('hunter42');
  expect(stderr).toContain('esdb://ann@127.0.0.1');
});

it('a service whose user may not read waits for its rights, says which, and goes on when it has them', async () => {
  await peer.order('misbehave', { isAccessDenied: true });
  const port = String(await freePort());
  const cli = startCli(['up', '--json'], { ...env, STAGEGATE_STATE_DIR: join(root, 'denied'), STAGEGATE_PORT: port });
  const health = async (): Promise<{ status: number; code?: string; detail?: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    return { ...((await response.json()) as object), status: response.status };
  };
  try {
    await cli.saw(/the event store cannot be used; waiting until it can/);
    const said = await health();
    expect(said).toMatchObject({ status: 503, code: 'STORE_ACCESS_DENIED' });
    expect(said.detail).toMatch(/esdb:\/\/ann@127.0.0.1:\d+: expected the right to read \$all/);
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await peer.order('misbehave', { isAccessDenied: false });
    await cli.saw(/"ready"/);
    expect((await health()).status).toBe(200);
  } finally {
    await peer.order('misbehave', { isAccessDenied: false });
    cli.child.kill('SIGTERM');
  }
  expect(await cli.ended).toMatchObject({ code: 0 });
});

describe('a server that is not as it should be', () => {
  const HOW = 'set EVENTSTORE_MAX_APPEND_SIZE=4194304 on its nodes (KURRENTDB_MAX_APPEND_SIZE from 25.0 on)';
  const on = (url: string) => ({
    STAGEGATE_EVENT_STORE_URL: url,
    STAGEGATE_STATE_DIR: mkdtempSync(join(root, 'state-')),
  });
  afterEach(() => peer.order('clear'));

  it('doctor says what one append may have, and which setting an import of large events needs', async () => {
    expect(await seenByDoctor('append limit')).toMatchObject({
      verdict: 'ok',
      seen: '1048576 bytes in one append, enough for the service',
      fix: [expect.stringContaining(HOW)],
    });
    const small = await EventStorePeer.start({ maxAppendSize: 65_536 });
    try {
      const found = await seenByDoctor('append limit', on(small.url));
      expect(found).toMatchObject({ verdict: 'fail', seen: '65536 bytes in one append' });
      const { code, stderr } = await runCli(['up', '--json'], { ...env, ...on(small.url) });
      expect(code).not.toBe(0);
      expect(stderr).toContain(
        `expected a server that takes an append of 1000000 bytes, saw its limit of 65536; ${HOW}`,
      );
      expect(stderr).not.toMatch(/^\s+at /m);
    } finally {
      await small.stop();
    }
  });

  it('an import with an event that is too large stores nothing and says which setting it needs', async () => {
    const file = join(root, 'large.jsonl');
    const log = new MemoryEventStore();
    const writer = new ChainedLog(log);
    await writer.append('task-web.a', { pad: '' });
    const [first] = await everything(log);
    // As large as an event may be, but for its name.
    const bare = JSON.stringify(first?.data).length + JSON.stringify(first?.meta).length;
    await writer.append('task-web.a', { pad: 'x'.repeat(1024 * 1024 - bare) });
    writeFileSync(file, await exported(log));
    const { code, stderr } = await runCli(['audit', 'import', '--in', file], on(peer.url));
    expect(code).not.toBe(0);
    expect(stderr).toContain(HOW);
    expect(await peer.order('stored', 'task-web.a')).toEqual([]);
  });

  it('doctor tells a wrong password, a missing right and a missing file of an authority from each other', async () => {
    const refusal = { code: status.UNAUTHENTICATED, details: 'Received HTTP status code 401', trailers: {} };
    await peer.order('misbehave', { refusedReads: 1_000, refusal });
    const wrong = await storeSeenByDoctor();
    expect(wrong).toMatchObject({
      verdict: 'fail',
      fix: [expect.stringMatching(/a user and password that the server knows/)],
    });
    await peer.order('misbehave', { refusedReads: 0, refusedAppends: 1_000, refusal: DENIED });
    const right = await storeSeenByDoctor();
    expect(right).toMatchObject({
      verdict: 'fail',
      fix: [expect.stringMatching(/the right to append to stagegate-probe/)],
    });
    const none = on(`esdb://ann:hunter42@127.0.0.1:${peer.port}?tlsCAFile=${join(root, 'none.crt')}`);
    const file = await seenByDoctor('event store', none);
    expect(file).toMatchObject({
      verdict: 'fail',
      fix: [expect.stringMatching(/a certificate \(PEM\) in tlsCAFile=/)],
    });
    const { code, stderr } = await runCli(['up'], { ...env, ...none });
    expect(code).not.toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('migrate says that this log has no schema', async () => {
    const readModels = { STAGEGATE_READ_MODEL_URL: 'postgres://ann:hunter42@127.0.0.1:1/models' };
    const { code, stderr } = await runCli(['migrate'], { ...env, ...readModels });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/expected postgres:\/\/…, saw esdb:\/\/…, a log without a schema; nothing to do/);
  });
});

/** Modules of the client and its libraries that a whole service has loaded, from its start to its end. */
async function clientModulesOfUp(eventStore: string, readModel: string): Promise<readonly string[]> {
  const list = join(root, 'loaded.json');
  const cli = startCli(['up', '--json'], {
    ...env,
    STAGEGATE_STATE_DIR: mkdtempSync(join(root, 'state-')),
    STAGEGATE_EVENT_STORE_URL: eventStore,
    STAGEGATE_READ_MODEL_URL: readModel,
    STAGEGATE_SELFTEST_LOADED_MODULES: list,
    NODE_OPTIONS: `--require ${resolve(__dirname, '../support/loaded-modules.cjs')}`,
  });
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  expect((await fetch(new URL('/queue', url))).status).toBe(200);
  cli.child.kill('SIGTERM');
  expect(await cli.ended).toMatchObject({ code: 0 });
  const loaded = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  expect(loaded.length).toBeGreaterThan(100);
  return loaded.filter((path) => /@eventstore|@grpc|google-protobuf|eventstoredb\/client/.test(path));
}

it('the client is loaded for esdb:// alone', async () => {
  const postgres = await startPostgresLogs();
  try {
    const log = postgres.url(await postgres.create());
    expect(await clientModulesOfUp('file:events.db', 'file:read-model.db')).toEqual([]);
    expect(await clientModulesOfUp(log, log)).toEqual([]);
    expect((await clientModulesOfUp(peer.url, log)).length).toBeGreaterThan(0);
  } finally {
    await postgres.stop();
  }
});
