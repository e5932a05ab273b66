import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TokenView } from '../../src/application/access/tokens';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { operatorFiles, orderHeaders } from '../support/operator';
import { GUARDED, ordersOf } from '../support/orders';
import { until } from '../support/process-yard';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

const PROBE = resolve(__dirname, 'access-probe.cjs');
const TOKEN = /sgt_[0-9a-f]{64}/;
const sample = new SampleRepository();
const session = new CliSession();
const root = mkdtempSync(join(tmpdir(), 'stagegate-access-'));
const stateDir = join(root, 'state');
const env = {
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'info',
};
let service: RunningService;
let url: string;

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const orders = GUARDED.flatMap(ordersOf);
  writeFileSync(join(root, 'plan.json'), JSON.stringify({ stateDir, routes: orders }));
  const probe = (whose: string) => [process.execPath, PROBE, join(root, 'plan.json'), join(root, `${whose}.json`)];
  const web = {
    repo: sample.dir,
    entryStages: ['created', 'deploy-staging'],
    staging: { suite: probe('suite'), minIsolation: 'none' },
    agents: { analyst: { command: probe('agent'), timeout: '60s' } },
    budgets: { agent: 0 },
  };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web } }));
  service = await startService(env);
  ({ url } = service);
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

interface Asked {
  readonly type: string;
  readonly stream: string;
  readonly meta: { readonly actor: string; readonly at: string };
}

/** Events that somebody has asked for. */
async function asked(): Promise<readonly Asked[]> {
  const { stdout } = await session.run(['audit', 'export'], env);
  return stdout
    .split('\n')
    .filter((line) => line.includes('"stream"'))
    .map((line) => JSON.parse(line) as Asked)
    .filter(({ meta }) => meta.actor !== 'stagegate');
}

describe('the operator of this machine', () => {
  it('needs no new step, and is local in the log', async () => {
    const { code } = await session.run(['submit', 'feature', '--project', 'web', '--id', 'M1'], env);
    const shown = lastJson(await session.run(['show', 'web.M1', '--json'], env)) as { events: { actor: string }[] };
    expect([code, shown.events[0]?.actor]).toEqual([0, 'local']);
  });

  it('has a secret in a file of mode 0600 in a folder of mode 0700, and nowhere else', () => {
    const folder = join(stateDir, 'operator');
    const [name = ''] = readdirSync(folder);
    const modes = [folder, join(folder, name)].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect([readdirSync(folder).length, ...modes]).toEqual([1, '700', '600']);
    expect(operatorFiles(stateDir)).toEqual([
      { url, token: expect.stringMatching(TOKEN) as string, worker: expect.any(String) as string },
    ]);
    expect(readFileSync(join(stateDir, 'up.json'), 'utf8')).not.toMatch(TOKEN);
  });

  it('gives no orders by a file that others may write, in one line, and reads all the same', async () => {
    const folder = join(stateDir, 'operator');
    const path = join(folder, readdirSync(folder)[0] ?? '');
    const hold = () => session.run(['hold', 'web.M1'], env);
    try {
      chmodSync(path, 0o622);
      const refused = await hold();
      const line = /^stagegate: .*operator.*: expected a file of user \d+ with mode 0600, saw mode 0622; [^\n]+\n$/;
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(line)]);
      expect((await session.run(['show', 'web.M1'], env)).code).toBe(0);
    } finally {
      chmodSync(path, 0o600);
    }
    expect((await hold()).code).toBe(0);
  });
});

it('two services on one log: what one revokes the other refuses at the next request, and each has an operator of its own', async () => {
  const other = await startService(env);
  const { url: otherUrl } = other;
  try {
    const cancel = async (at: string, headers: Readonly<Record<string, string>>) =>
      (await fetch(`${at}/v1/tasks/web.none/cancel`, { method: 'POST', headers, body: '{}' })).status;
    const asOperator = [orderHeaders(stateDir, url), orderHeaders(stateDir, otherUrl)] as const;
    expect([await cancel(url, asOperator[0]), await cancel(otherUrl, asOperator[1])]).toEqual([404, 404]);
    expect([await cancel(url, asOperator[1]), await cancel(otherUrl, asOperator[0])]).toEqual([401, 401]);
    const tokens = (at: string, index: 0 | 1, path: string, body: object) =>
      fetch(`${at}/v1/tokens${path}`, { method: 'POST', headers: asOperator[index], body: JSON.stringify(body) });
    const made = await tokens(url, 0, '', { name: 'both', scopes: ['operate'] });
    const { token } = (await made.json()) as { token: string };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    expect([await cancel(url, headers), await cancel(otherUrl, headers)]).toEqual([404, 404]);
    expect((await tokens(otherUrl, 1, '/both/revoke', {})).status).toBe(200);
    expect([await cancel(url, headers), await cancel(otherUrl, headers)]).toEqual([401, 401]);
  } finally {
    other.child.kill('SIGTERM');
    expect((await other.ended).code).toBe(0);
  }
  // The command line of this machine finds the one that still runs.
  expect((await session.run(['priority', 'web.M1', '4'], env)).code).toBe(0);
});

describe('stagegate token', () => {
  it('makes a token that is on stdout once, lists it without its secret, and revokes it', async () => {
    const flags = ['--scope', 'submit', '--scope', 'operate', '--project', 'web', '--expires', '12h'];
    const made = await session.run(['token', 'create', 'ci', ...flags], env);
    expect(made.stdout).toMatch(/^sgt_[0-9a-f]{64}\n$/);
    expect(made.stderr).toMatch(/^ci may submit, operate in web; expires 2\S+; keep it, it is not shown again\n$/);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${made.stdout.trim()}` };
    const order = async (path: string) => (await fetch(url + path, { method: 'POST', headers, body: '{}' })).status;
    expect([await order('/v1/tasks/web.M1/release'), await order('/v1/tokens/ci/revoke')]).toEqual([200, 403]);
    const listed = await session.run(['token', 'list'], env);
    expect(listed.stdout).toMatch(/\bci +…[0-9a-f]{4} +service +submit,operate +web +2\S+ +local +2\S+/);
    expect(listed.stdout).not.toMatch(TOKEN);
    const revoked = await session.run(['token', 'revoke', 'ci', '--reason', 'over'], env);
    expect([revoked.code, revoked.stdout]).toEqual([0, 'ci is revoked, by local: over\n']);
    expect(await order('/v1/tasks/web.M1/hold')).toBe(401);
    const { items } = lastJson(await session.run(['token', 'list', '--json'], env)) as { items: TokenView[] };
    expect(items[0]).toMatchObject({ name: 'ci', revoked: { by: 'local', reason: 'over' } });
  });

  it.each([
    [['create', 'odd', '--scope', 'everything'], /scopes: expected some of read, submit, work, operate, admin/],
    [['create', 'odd', '--scope', 'read', '--project', 'nope'], /projects: expected some of web, saw "nope"/],
    [
      ['create', 'odd', '--scope', 'read', '--expires', '30'],
      /--expires: expected 30d, 12h, 30m, never, or an instant/,
    ],
    [['create', 'odd', '--scope', 'read', '--kind', 'robot'], /kind: expected person, service, agent/],
    [['create', 'local', '--scope', 'read'], /name: expected letters, digits/],
    [['revoke', 'nobody'], /no such token; see stagegate token list/],
  ])('%j is refused in one line', async (args, line) => {
    const { code, stderr, stdout } = await session.run(['token', ...args], env);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(line)]);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe.each([
  ['suite', 'T1', 'deploy-staging'],
  ['agent', 'T3', 'created'],
])('a %s that the service starts', (whose, id, startStage) => {
  it('is given no token, and is refused by every route that changes anything', async () => {
    const before = await asked();
    const task = ['submit', 'feature', '--project', 'web', '--id', id, '--start-stage', startStage];
    expect((await session.run(task, env)).code).toBe(0);
    const file = join(root, `${whose}.json`);
    await until(() => existsSync(file), 60_000);
    type Found = Readonly<Record<'given' | 'taken' | 'answers' | 'environment', readonly string[]>>;
    const found = JSON.parse(readFileSync(file, 'utf8')) as Found;
    expect(found.given).toEqual([]);
    expect(found.environment.filter((name) => /TOKEN|SECRET|OPERATOR|AUTH/i.test(name))).toEqual([]);
    // What it could take, if it can see the files of its service, doctor tells of this machine.
    const isOpen = /a suite can read [^\n]*operator's secret/.test((await session.run(['doctor'], env)).stdout);
    expect(found.taken.length > 0).toBe(isOpen);
    const routes = GUARDED.flatMap(ordersOf);
    expect(found.answers.slice(0, routes.length)).toEqual(routes.map(({ method, path }) => `${method} ${path} 401`));
    // Of all that it has tried nothing is in the log: there is only what submitted it, in one append.
    const [first, ...others] = (await asked()).slice(before.length);
    expect(first).toMatchObject({ stream: `task-web.${id}`, type: 'TaskSubmitted' });
    expect(new Set(others.map(({ stream, meta }) => `${stream} ${meta.at}`))).toEqual(
      new Set([`task-web.${id} ${first?.meta.at ?? ''}`]),
    );
  });
});

it('no answer, no line of a log and no event shows a token, wherever a client has put it', async () => {
  const { stdout } = await session.run(['token', 'create', 'canary', '--scope', 'submit', '--scope', 'operate'], env);
  const token = stdout.trim();
  const json = { ...orderHeaders(stateDir, url) };
  const bearing = { ...json, authorization: `Bearer ${token}` };
  const post = (path: string, body: string, headers: Record<string, string> = bearing) =>
    fetch(url + path, { method: 'POST', headers, body });
  const named = { project: 'web', branch: 'feature', id: 'T9' };
  const answers = await Promise.all([
    fetch(`${url}/${token}`),
    fetch(`${url}/v1/tasks/${token}`),
    fetch(`${url}/v1/tasks/web.T1/events?cursor=${token}`),
    fetch(`${url}/queue?${token}=1`),
    fetch(`${url}/queue?project=${token}`),
    fetch(`${url}/v1/runs/${token}/log`, { headers: { range: `bytes=${token}` } }),
    fetch(`${url}/queue`, { headers: { origin: `http://${token}` } }),
    fetch(`${url}/queue`, { headers: { cookie: token, 'user-agent': token, referer: token } }),
    post(`/v1/tasks/${token}/hold`, '{}'),
    post(`/v1/tasks/web.M1/${token}`, '{}'),
    post('/v1/tasks', JSON.stringify({ ...named, title: token })),
    post('/v1/tasks', JSON.stringify({ ...named, branch: token })),
    post('/v1/tasks', JSON.stringify({ ...named, [token]: 1 })),
    post('/v1/tasks', JSON.stringify({ ...named, project: `a ${token.toUpperCase()}` })),
    post('/v1/tasks/web.M1/hold', JSON.stringify({ reason: `see ${token}` })),
    post('/v1/tasks/web.M1/hold', `{"reason": ${token}}`),
    post('/v1/tasks/web.M1/hold', '{}', { ...json, authorization: token }),
    post('/v1/tasks/web.M1/hold', '{}', { ...json, authorization: `Basic ${token}` }),
    post('/v1/tasks/web.M1/hold', '{}', { ...bearing, 'content-type': `application/json; charset=${token}` }),
    post('/v1/tasks/web.M1/hold', '{}', { ...bearing, 'content-encoding': token }),
    post('/v1/tokens', JSON.stringify({ name: token, scopes: ['read'] }), json),
    post(`/v1/tokens/${token}/revoke`, '{}', json),
  ]);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  const secret = token.slice('sgt_'.length);
  const shows = (text: string) => text.toLowerCase().includes(secret);
  expect(texts.filter(shows)).toEqual([]);
  const said = [
    await session.run(['queue', '--json'], env),
    await session.run(['token', 'list', '--json'], env),
    await session.run(['audit', 'export'], env),
    await session.run(['show', token], env),
    await session.run(['hold', 'web.M1', '--reason', token], env),
    await session.run(['token', 'revoke', token], env),
  ];
  expect(said.filter(({ stdout: out, stderr }) => shows(out + stderr))).toEqual([]);
  service.child.kill('SIGTERM');
  const { code, stderr } = await service.ended;
  expect([code, shows(stderr)]).toEqual([0, false]);
  expect(operatorFiles(stateDir)).toEqual([]);
});
