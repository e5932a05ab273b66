import { request } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { runCli, startCli, type RunningCli } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { check } from '../support/invariants';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(60_000);

/** Every test has a copy of it, with one branch that main has not got yet. */
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');

let sample: SampleRepository;
let stateDir: string;
let env: Record<string, string>;
const running: RunningCli[] = [];
const session = new CliSession();
afterAll(async () => {
  template.dispose();
  await session.close();
});

/** @param suite the command, which may look for files in the sample's folder. @param more settings of its run. */
function configure(suite: string | ((root: string) => string), more: object = {}): void {
  sample = new SampleRepository({ like: template.root });
  stateDir = mkdtempSync(join(tmpdir(), 'stagegate-up-'));
  const file = join(sample.root, 'stagegate.yml');
  const command = typeof suite === 'string' ? suite : suite(sample.root);
  const staging = { suite: command, timeout: '60s', grace: '1s', ...more };
  const web = {
    repo: sample.dir,
    entryStages: ['created', 'deploy-staging'],
    staging,
    backoff: { base: '100ms', max: '1s' },
  };
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web } }));
  env = {
    STAGEGATE_STATE_DIR: stateDir,
    STAGEGATE_PROJECTS: file,
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'error',
  };
}

async function up(more: Record<string, string> = {}): Promise<{ cli: RunningCli; url: string }> {
  const cli = startCli(['up', '--json'], { ...env, ...more });
  running.push(cli);
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  return { cli, url };
}

async function untilDone(url: string, id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const task = (await (await fetch(`${url}/v1/tasks/${id}`)).json()) as { entry: { stage: string } };
    if (task.entry.stage === 'done') return task;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes whose environment holds the text, by /proc. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const isDead = /\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, 'latin1'));
      return !isDead && readFileSync(`/proc/${name}/environ`, 'latin1').includes(text);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

async function logOf() {
  const store = await openSqliteEventStore(join(stateDir, 'events.db'));
  const { events } = await store.readAll({ prefixes: ['task-', 'lane-', 'policy-'], limit: 100_000 });
  await store.close();
  return events;
}

async function cleanUp(): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  expect(check(await logOf(), { isAtRest: false })).toEqual([]);
  rmSync(stateDir, { recursive: true, force: true });
  sample.dispose();
}

const submit = (branch: string, id: string) =>
  session.run(['submit', branch, '--project', 'web', '--id', id, '--start-stage', 'deploy-staging', '--json'], env);

describe('one service', () => {
  let url: string;
  beforeAll(async () => {
    configure('test -f a.txt');
    sample.commit('other', { 'o.txt': 'o\n' }, 'feature');
    ({ url } = await up());
  });
  afterAll(cleanUp);

  it('drives a submitted task to done, and every command asks it', async () => {
    expect((await submit('feature', 'T1')).code).toBe(0);
    await untilDone(url, 'web.T1');
    const why = await session.run(['why', 'web.T1', '--json'], env);
    expect(JSON.parse(why.stdout)).toMatchObject({ id: 'web.T1', stage: 'done', status: 'finished' });
    const queue = (await (await fetch(`${url}/queue`)).json()) as { finished: { done: number } };
    expect(queue.finished.done).toBe(1);
    const runs = JSON.parse((await session.run(['runs', 'web.T1', '--json'], env)).stdout) as {
      items: { job: string; runId: string }[];
    };
    expect(runs.items.map(({ job }) => job)).toEqual(['landing', 'revert-check', 'merge-gate', 'staging-suite']);
    expect(sample.git(['ls-tree', '--name-only', 'main'], sample.dir)).toContain('a.txt');
  });

  it('refuses an address that is in use, in one line', async () => {
    const second = await runCli(['up'], { ...env, STAGEGATE_PORT: new URL(url).port });
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/^stagegate: STAGEGATE_PORT: expected a free port, saw .* in use; .*\n$/);
  });

  it('takes no orders from a web page, nor from a name that was bound to this address', async () => {
    const { host } = new URL(url);
    const status = (headers: Record<string, string>, body = '{}') =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { method: 'POST', headers: { host, ...orderHeaders(stateDir, url), ...headers } };
        const asked = request(`${url}/v1/tasks/web.none/cancel`, options, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on('error', reject).end(body);
      });
    expect(await status({})).toBe(404);
    expect(await status({ origin: url })).toBe(404);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ 'content-type': 'application/x-www-form-urlencoded' }, 'by=x')).toBe(415);
  });

  it('answers bad requests with problem+json and a stable code', async () => {
    const post = async (path: string, body: unknown) => {
      const headers = orderHeaders(stateDir, url);
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return {
        status: answer.status,
        type: answer.headers.get('content-type'),
        body: (await answer.json()) as { code: string },
      };
    };
    const problem = 'application/problem+json; charset=utf-8';
    expect(await post('/v1/tasks', { project: 'web', branch: 'feature', nonsense: 1 })).toMatchObject({
      status: 400,
      type: problem,
    });
    for (const member of ['id', 'title', 'startStage', 'priority', 'by']) {
      const refused = await post('/v1/tasks', { project: 'web', branch: 'feature', [member]: null });
      expect([member, refused.status, refused.type]).toEqual([member, 400, problem]);
    }
    expect(await post('/v1/tasks', { project: 'nope', branch: 'feature' })).toMatchObject({
      status: 404,
      body: { code: 'unknown-project' },
    });
    expect(await post('/v1/tasks', { project: 'web', branch: 'nope' })).toMatchObject({
      status: 422,
      body: { code: 'unknown-branch' },
    });
    expect(await post('/v1/tasks', { project: 'web', branch: '--upload-pack=x' })).toMatchObject({
      status: 422,
      body: { code: 'invalid-branch' },
    });
    expect(await post('/v1/tasks', { project: 'web', branch: 'feature', startStage: 'deploy' })).toMatchObject({
      status: 422,
    });
    expect(await post('/v1/tasks/web.none/hold', {})).toMatchObject({ status: 404, body: { code: 'unknown-task' } });
    const none = await fetch(`${url}/v1/tasks/web.none`);
    expect(none.headers.get('x-powered-by')).toBeNull();
    expect(await none.json()).toMatchObject({ status: 404, code: 'unknown-task' });
    const cursor = await fetch(`${url}/v1/tasks/web.none/events?cursor=x`);
    expect(await cursor.json()).toMatchObject({ status: 400, code: 'invalid-cursor' });
    expect(
      await post('/v1/tasks', { project: 'web', id: 'T2', branch: 'other', startStage: 'deploy-staging' }),
    ).toMatchObject({ status: 201 });
    // Known at once: read models that are milliseconds behind are no reason to deny what has just been confirmed.
    for (const route of ['', '/why', '/events'])
      expect((await fetch(`${url}/v1/tasks/web.T2${route}`)).status).toBe(200);
    await untilDone(url, 'web.T2');
    expect(await post('/v1/tasks/web.T2/cancel', { reason: 'late' })).toMatchObject({
      status: 409,
      body: { code: 'task-is-final' },
    });
    const events = (await (await fetch(`${url}/v1/tasks/web.T2/events`)).json()) as { items: { type: string }[] };
    expect(events.items.map(({ type }) => type)).toContain('TaskLanded');
  });
});

describe('up', () => {
  afterEach(cleanUp);

  it('holds a project that demands isolation when the tree kill is off, and runs nothing of it', async () => {
    configure('touch "$HOME/ran"', { minIsolation: 'L1' });
    await up({ STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: 'false', HOME: sample.root });
    await submit('feature', 'T1');
    const held = async () => (await logOf()).find(({ type }) => type === 'InfraBudgetExhausted');
    while (!(await held())) await new Promise((resolve) => setTimeout(resolve, 50));
    const errored = (await logOf()).filter(({ type }) => type === 'ToolErrored');
    // Waiting makes no machine stronger: it is not tried again.
    expect(errored.map(({ data }) => data)).toEqual([
      expect.objectContaining({
        failure: expect.objectContaining({
          reason: 'isolation_too_weak',
          evidence: [expect.stringContaining('expected isolation L1-cookie')],
        }) as unknown,
      }),
    ]);
    expect(readdirSync(sample.root)).not.toContain('ran');
  });

  it('runs one that demands nothing with the tree kill off, and the run says so', async () => {
    configure('true');
    const { url } = await up({ STAGEGATE_SUBPROCESS_TREE_KILL_ENABLED: 'false' });
    await submit('feature', 'T1');
    await untilDone(url, 'web.T1');
    const executed = (await logOf()).find(({ type }) => type === 'StagingSuiteExecuted');
    expect(executed?.data).toMatchObject({ run: { isolation: 'none', exitCode: 0 } });
  });

  it('killed in the middle of a staging run leaves no process behind once it is up again, and the task finishes for free', async () => {
    configure((root) => `until [ -e '${join(root, 'may-pass')}' ]; do sleep 0.1; done; test -f a.txt`);
    const first = await up();
    await submit('feature', 'T1');
    let cookie = '';
    while (!cookie || processesWith(`SG_RUN=${cookie}`).length === 0) {
      const claim = (await logOf()).find(({ type }) => type === 'TransitionClaimed');
      cookie = claim ? (claim.data as unknown as { cookie: string }).cookie : '';
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    first.cli.child.kill('SIGKILL');
    await first.cli.ended;
    writeFileSync(join(sample.root, 'may-pass'), '');
    const { url } = await up();
    expect(processesWith(`SG_RUN=${cookie}`)).toEqual([]);
    await untilDone(url, 'web.T1');
    const types = (await logOf()).map(({ type }) => type);
    expect(types.filter((type) => type === 'VerdictRecorded')).toHaveLength(1);
    expect(types.filter((type) => type === 'TransitionReaped')).toHaveLength(1);
    expect(types).not.toContain('RunDeferred');
    expect(types).not.toContain('StageRolledBack');
  });

  it('killed at one point of its landing after the other, lands once after it is up again', async () => {
    configure('true');
    sample.commit('main', { 'b.txt': 'b\n' });
    for (const [index, point] of ['land.beforeFetch', 'land.beforeTransaction', 'land.afterTransaction'].entries()) {
      const { cli } = await up({ STAGEGATE_SELFTEST_FAILPOINT: point });
      if (index === 0) await submit('feature', 'T1');
      expect((await cli.ended).signal).toBe('SIGKILL');
    }
    const { url } = await up();
    await untilDone(url, 'web.T1');
    const landed = (await logOf()).filter(({ type }) => type === 'TaskLanded');
    expect(landed.map(({ data }) => data['newOid'])).toEqual([sample.head('main')]);
    expect(sample.git(['rev-list', '--count', 'main'], sample.dir)).toBe('3');
  });

  it('gives its claims back when it is told to stop', async () => {
    configure('sleep 30');
    const { cli } = await up();
    await submit('feature', 'T1');
    while (!(await logOf()).some(({ type }) => type === 'TransitionClaimed'))
      await new Promise((r) => setTimeout(r, 30));
    cli.child.kill('SIGTERM');
    expect(await cli.ended).toMatchObject({ code: 0, signal: null });
    const types = (await logOf()).map(({ type }) => type);
    expect(types.at(-1)).toBe('ClaimReleased');
  });
});
