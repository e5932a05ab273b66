import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { until } from '../contract/support/until';
import { runCli, startService, type RunningService } from '../support/cli';
import { failedLooks } from '../support/failed-looks';
import { EventStorePeer } from '../support/eventstore-peer/peer';
import type { StoredPeerEvent } from '../support/eventstore-peer/peer-log';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(300_000);

interface Edit {
  readonly stream: string;
  /** The last event of this type in the stream. */
  readonly type: string;
  readonly column: 'data' | 'meta' | 'type';
  /** Text of the column, or a function of what is there. */
  readonly to: string | ((text: string) => string);
  readonly isNoJson?: true;
}

/** A log, and a hand that reaches into it while nobody uses it. */
interface LogUnderHand {
  readonly env: Record<string, string>;
  edit(edits: readonly Edit[]): Promise<void>;
  close(): Promise<void>;
}

const root = mkdtempSync(join(tmpdir(), 'stagegate-damaged-log-'));
let servers: PostgresLogs | null = null;
afterAll(async () => {
  await servers?.stop();
  rmSync(root, { recursive: true, force: true });
});

const textOf = (to: Edit['to'], text: string) => (typeof to === 'string' ? to : to(text));

async function inTurn(edits: readonly Edit[], edit: (each: Edit) => Promise<void>): Promise<void> {
  for (const each of edits) await edit(each);
}

async function sqlite(stateDir: string): Promise<LogUnderHand> {
  const edit = async ({ stream, type, column, to }: Edit) => {
    const database = new Database(join(stateDir, 'events.db'));
    const where = 'where stream_id = ? and type = ? order by revision desc limit 1';
    const [row] = database.prepare(`select position, ${column} from es_event ${where}`).raw().all(stream, type) as [
      number,
      string,
    ][];
    if (!row) throw new Error(`no ${type} in ${stream}`);
    database.prepare(`update es_event set ${column} = ? where position = ?`).run(textOf(to, row[1]), row[0]);
    database.close();
  };
  return { env: {}, edit: (edits) => inTurn(edits, edit), close: async () => undefined };
}

async function postgres(): Promise<LogUnderHand> {
  servers ??= await startPostgresLogs();
  const { server } = servers;
  const database = await servers.create();
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const edit = async ({ stream, type, column, to }: Edit) => {
    const where = `where stream_id = ${quoted(stream)} and type = ${quoted(type)} order by revision desc limit 1`;
    const rows = await server.query(
      `select position::text, ${column}::text as found from stagegate.event ${where}`,
      database,
    );
    const [row] = rows as unknown as { position: string; found: string }[];
    if (!row) throw new Error(`no ${type} in ${stream}`);
    const text = quoted(textOf(to, row.found));
    await server.query(
      `set session_replication_role = replica; update stagegate.event set ${column} = ${text} where position = ${row.position}`,
      database,
    );
  };
  const env = { STAGEGATE_EVENT_STORE_URL: servers.url(database) };
  return { env, edit: (edits) => inTurn(edits, edit), close: async () => undefined };
}

async function eventStoreDb(): Promise<LogUnderHand> {
  const peer = await EventStorePeer.start();
  const edited = (events: readonly StoredPeerEvent[], { stream, type, column, to }: Edit) => {
    const last = events.findLastIndex((event) => event.stream === stream && event.type === type);
    const event = events[last];
    if (!event) throw new Error(`no ${type} in ${stream}`);
    if (column === 'type') return events.with(last, { ...event, type: textOf(to, event.type) });
    const name = column === 'data' ? 'data' : 'metadata';
    const text = textOf(to, Buffer.from(event[name], 'base64').toString());
    return events.with(last, { ...event, [name]: Buffer.from(text).toString('base64') });
  };
  const edit = (edits: readonly Edit[]) => peer.rewrite((events) => edits.reduce(edited, events));
  return { env: { STAGEGATE_EVENT_STORE_URL: peer.url }, edit, close: () => peer.stop() };
}

const KINDS = { sqlite, postgres, eventstoredb: eventStoreDb } as const;

interface DamageBlock {
  readonly count: number;
  readonly streams: readonly { readonly stream: string; readonly revision: string; readonly text: string }[];
}

const task = (id: string) => `task-web.${id}`;
const HELD = { type: 'TaskHeld', column: 'data' } as const;
/** One task each, and where the log stops to be believed. */
const EDITS: readonly Edit[] = [
  { stream: task('O1'), ...HELD, to: '{}' },
  { stream: task('O2'), ...HELD, to: '[1]' },
  { stream: task('O3'), ...HELD, to: 'no JSON at all', isNoJson: true },
  { stream: task('O4'), type: 'TaskHeld', column: 'type', to: 'TaskPaused' },
  { stream: task('O5'), type: 'TaskHeld', column: 'meta', to: (text) => text.replace(/"v": ?1/, '"v":9') },
  { stream: task('O6'), type: 'TaskSubmitted', column: 'data', to: '{"title":5}' },
  { stream: task('O7'), ...HELD, to: (text) => text.replace('for a while', 'for ever') },
  { stream: 'lane-api', type: 'LaneReleased', column: 'data', to: '{}' },
  { stream: 'policy-doc', type: 'PolicyRecorded', column: 'data', to: '{"digest":"d"}' },
];
const OPEN = ['O1', 'O2', 'O3', 'O4', 'O5', 'O6', 'O7'];
/** At its end: nobody but who asks for it looks at it. */
const DONE: Edit = { stream: task('T1'), type: 'TransitionClaimed', column: 'data', to: '{}' };

describe.each(['sqlite', 'postgres', 'eventstoredb'] as const)('a log on %s that somebody has reached into', (kind) => {
  const sample = new SampleRepository();
  const stateDir = join(root, kind);
  let log: LogUnderHand;
  let env: Record<string, string>;
  let cli: RunningService;
  let url: string;
  /** Of the last service that was stopped. */
  let told = '';

  const up = async () => {
    cli = await startService(env);
    ({ url } = cli);
  };
  const stop = async () => {
    cli.child.kill('SIGTERM');
    const { code, stderr } = await cli.ended;
    told = stderr;
    return code;
  };
  const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  const post = async (path: string, body: object) => {
    const headers = orderHeaders(env.STAGEGATE_STATE_DIR ?? '', url);
    return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const submit = async (project: string, id: string, startStage: string) => {
    const made = await post('/v1/tasks', { project, branch: 'feature', id, startStage });
    expect([id, made.status]).toEqual([id, 201]);
  };
  const whyOf = (id: string) => get<{ code: string; text: string; blockedBy: string }>(`/v1/tasks/${id}/why`);
  const untilAt = (id: string, stage: string) =>
    until(
      `${id} is ${stage}`,
      async () => (await get<{ stage: string }>(`/v1/tasks/${id}/why`)).stage === stage,
      120_000,
    );
  const damaged = async () => (await get<{ damaged: DamageBlock }>('/health/ready')).damaged;

  beforeAll(async () => {
    sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    const project = { repo: sample.dir, entryStages: ['created', 'deploy-staging'], staging: { suite: 'true' } };
    const file = join(root, `${kind}.yml`);
    writeFileSync(file, JSON.stringify({ version: 1, projects: { web: project, api: project, doc: project } }));
    log = await KINDS[kind](stateDir);
    env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', ...log.env };
    await up();
    await submit('web', 'T1', 'deploy-staging');
    await submit('api', 'A1', 'deploy-staging');
    for (const id of OPEN) {
      await submit('web', id, 'created');
      expect((await post(`/v1/tasks/web.${id}/hold`, { reason: 'for a while' })).status).toBe(200);
    }
    await untilAt('web.T1', 'done');
    await untilAt('api.A1', 'done');
    expect(await stop()).toBe(0);
    // In a column of JSON nothing else can be.
    const takenBy = (edit: Edit) => (edit.isNoJson && kind === 'postgres' ? { ...edit, to: '"no object"' } : edit);
    await log.edit([...EDITS, DONE].map(takenBy));
  });
  // A test that has failed leaves its service running.
  afterEach(async () => {
    await stop();
  });
  afterAll(async () => {
    await log.close();
    sample.dispose();
  });

  it('is started on, tells what cannot be relied on, and goes on with everything else', async () => {
    await up();
    await until('all are known', async () => (await damaged()).count === EDITS.length, 60_000);
    const { streams } = await damaged();
    expect(streams.map(({ stream }) => stream)).toEqual(EDITS.map(({ stream }) => stream).sort());
    for (const id of OPEN) {
      expect(await whyOf(`web.${id}`)).toMatchObject({ code: 'store-corrupt', blockedBy: task(id) });
      const refused = await post(`/v1/tasks/web.${id}/release`, {});
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'store-corrupt']);
    }
    expect((await whyOf('web.O7')).text).toMatch(
      /^STORE_CORRUPT: task-web\.O7 revision \d+ \(TaskHeld\): expected the hash/,
    );
    await submit('web', 'T2', 'deploy-staging');
    await untilAt('web.T2', 'done');
    await submit('api', 'A2', 'deploy-staging');
    await submit('doc', 'D1', 'deploy-staging');
    await until('A2 waits', async () => (await whyOf('api.A2')).blockedBy === 'lane-api', 60_000);
    expect(await whyOf('doc.D1')).toMatchObject({ code: 'store-corrupt', blockedBy: 'policy-doc' });
    const queue = await get<{ damaged: DamageBlock; finished: { done: number } }>('/queue');
    expect(queue).toMatchObject({ damaged: { count: EDITS.length }, finished: { done: 3 } });
    expect(await whyOf('web.T1')).toMatchObject({ code: 'store-corrupt' });
    expect(await stop()).toBe(0);
  });

  it('says each once in its log, and looks no further', () => {
    const lines = told.split('\n').filter((line) => line.includes('an event does not fit'));
    expect(lines).toHaveLength(EDITS.length + 1);
    expect(failedLooks(told)).toEqual([]);
  });

  it('is shown the same way by read models that are made from it anew', async () => {
    rmSync(join(stateDir, 'read-model.db'));
    await up();
    await until('all are known', async () => (await damaged()).count === EDITS.length + 1, 60_000);
    for (const id of [...OPEN, 'T1']) {
      expect((await whyOf(`web.${id}`)).code).toBe('store-corrupt');
      const events = await fetch(`${url}/v1/tasks/web.${id}/events`);
      expect(events.status).toBe(200);
      expect(await events.text()).not.toContain('for ever');
    }
    expect((await fetch(`${url}/queue?limit=500`)).status).toBe(200);
    expect((await fetch(`${url}/v1/runs`)).status).toBe(200);
    expect(await stop()).toBe(0);
  });

  it.each([['audit', 'export'], ['rebuild']])('is not repeated as truth by %s', async (...verb) => {
    const { code, stdout, stderr } = await runCli(verb, env);
    expect(code).toBe(2);
    expect(stdout).not.toContain('for ever');
    expect(stderr).toMatch(
      /^stagegate: event store: STORE_CORRUPT at \S+ \d+ \(\w+\): [^\n]+; the log was changed: restore it\n$/,
    );
  });

  it('is told by show without a service, and by doctor', async () => {
    const shown = await runCli(['show', 'web.O7', '--json'], env);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      entry: { why: { code: 'store-corrupt', blockedBy: task('O7') } },
    });
    expect(shown.stdout).not.toContain('for ever');
    const { code, stdout } = await runCli(['doctor', '--json'], env);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; verdict: string; fix: readonly string[] }[] };
    const record = checks.find(({ name }) => name === 'record');
    expect([code, record?.verdict]).toEqual([3, 'fail']);
    expect(record?.fix).toHaveLength(EDITS.length + 1);
  });
});

test('the event that a log ends with is looked at by a start, though nobody asks for its task', async () => {
  const sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const stateDir = join(root, 'head');
  const file = join(root, 'head.yml');
  writeFileSync(
    file,
    JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }),
  );
  const env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0' };
  const served = async (work: (url: string) => Promise<void>) => {
    const service = await startService(env);
    try {
      await work(service.url);
    } finally {
      await service.stop();
    }
  };
  const post = async (url: string, body: object) => {
    const headers = orderHeaders(stateDir, url);
    const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(status).toBeLessThan(300);
  };
  try {
    await served(async (url) => {
      await post(`${url}/v1/tasks`, { project: 'web', branch: 'feature', id: 'T1' });
      await post(`${url}/v1/tasks/web.T1/cancel`, { reason: 'no need' });
    });
    const log = await sqlite(stateDir);
    const change = (text: string) => text.replace('no need', 'no use');
    await log.edit([{ stream: task('T1'), type: 'TaskCancelled', column: 'data', to: change }]);
    await served(async (url) => {
      const seen = async () =>
        ((await (await fetch(`${url}/health/ready`)).json()) as { damaged: DamageBlock }).damaged;
      await until('it is told', async () => (await seen()).count > 0, 60_000);
      expect((await seen()).streams.map(({ stream }) => stream)).toEqual([task('T1')]);
    });
  } finally {
    sample.dispose();
  }
});
