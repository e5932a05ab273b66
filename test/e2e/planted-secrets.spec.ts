import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from '../contract/support/until';
import { startNode, type RunningCli } from '../support/cli';
import { operatorFiles, orderHeaders } from '../support/operator';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

/** One of each kind. None has a form by which it could be told. */
const PLANTED = {
  'the password of the log': 'quince-of-the-log-01',
  'a secret of webhooks, in a file': 'medlar-of-the-hooks-02',
  'a secret of webhooks, in a variable': 'damson-of-the-hooks-03',
  'the path of a sink': 'sloe-of-the-sink-04',
  'the query of a sink': 'rowan-of-the-sink-05',
  'the password in the URL of a submodule': 'bilberry-of-git-06',
  'what an agent gets of the environment': 'mulberry-of-the-agent-07',
  'what a suite gets of the environment': 'cloudberry-of-the-suite-08',
  'another token': `sgt_${'c0ffee'.repeat(10)}beef`,
  'a login': 'greengage-of-nobody-10',
} as const;

const CLI = resolve(__dirname, '../../dist/cli.js');
const SDK = resolve(__dirname, 'tracing.cjs');
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-planted-secrets-'));
const stateDir = join(root, 'state');
const traces = join(root, 'traces');
const answers: string[] = [];
let logs: PostgresLogs;
let echo: Server;
let service: RunningCli;
let url = '';
/** What the service has made itself and given away. */
let made: readonly string[] = [];
let stdout = '';
let stderr = '';

beforeAll(async () => {
  logs = await startPostgresLogs();
  // What a receiver answers is quoted, and it may say all that it was told.
  echo = createServer((asked, answer) => {
    void text(asked).then((body) => {
      answer.writeHead(500, { 'x-seen': asked.url ?? '' });
      answer.end(`${asked.url ?? ''} is not for you: ${JSON.stringify(asked.headers)} ${body.slice(0, 20)}`);
    });
  });
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done));
  await start();
  await provoke();
  service.child.kill('SIGTERM');
  ({ stdout, stderr } = await service.ended);
});
afterAll(async () => {
  echo.close();
  echo.closeAllConnections();
  await logs.stop();
  service.child.kill('SIGKILL');
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const { port } = echo.address() as AddressInfo;
  const secrets = join(root, 'secrets');
  mkdirSync(secrets, { mode: 0o700 });
  const inFile = (name: string, secret: string) => {
    writeFileSync(join(secrets, name), secret, { mode: 0o600 });
    return { file: join(secrets, name) };
  };
  const at = `http://127.0.0.1:${port}/hook/${PLANTED['the path of a sink']}?key=${PLANTED['the query of a sink']}`;
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const module = `[submodule "m"]\n\tpath = m\n\turl = https://ann:${PLANTED['the password in the URL of a submodule']}@127.0.0.1:1/m.git\n`;
  sample.commit('modules', { '.gitmodules': module }, 'main');
  const entry = `160000,${sample.head('feature') ?? ''},m`;
  sample.git(['update-index', '--add', '--cacheinfo', entry]);
  sample.git(['commit', '--quiet', '--message', 'its content']);
  sample.git(['push', '--quiet', sample.dir, 'HEAD:modules']);
  const suite = { suite: 'false', env: ['PATH', 'FOR_SUITES'], setup: 'exit 9' };
  const common = {
    repo: sample.dir,
    entryStages: ['deploy-staging', 'review', 'development'],
    budgets: { infra: 0, agent: 0 },
  };
  const web = {
    ...common,
    staging: suite,
    agents: { developer: { command: '/nowhere/agent' } },
    hooks: {
      github: { secrets: [inFile('hook', PLANTED['a secret of webhooks, in a file'])] },
      gitea: { secrets: [{ variable: 'FOR_HOOKS' }] },
    },
  };
  const alerts = { sinks: { chat: { kind: 'slack', urlFrom: inFile('sink', at), allow: ['127.0.0.1'] } } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web }, alerts }));
  writeFileSync(traces, '');
  const given = new URL(logs.url(await logs.create()));
  given.password = PLANTED['the password of the log'];
  await logs.server.query(`alter role ${given.username} password '${given.password}'`);
  service = startNode(['--require', SDK, CLI, 'up', '--json'], {
    STAGEGATE_STATE_DIR: stateDir,
    STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'debug',
    STAGEGATE_EVENT_STORE_URL: given.href,
    STAGEGATE_AGENT_ENV: 'PATH,FOR_AGENTS',
    FOR_AGENTS: PLANTED['what an agent gets of the environment'],
    FOR_SUITES: PLANTED['what a suite gets of the environment'],
    FOR_HOOKS: PLANTED['a secret of webhooks, in a variable'],
    TRACES_FILE: traces,
  });
  const [, ready = ''] = await service.saw(/"url":"([^"]+)"/);
  url = new URL(ready).origin;
}

/** Has everything that knows a secret fail. */
async function provoke(): Promise<void> {
  const headers = orderHeaders(stateDir, url);
  const post = (path: string, body: object, more: Record<string, string> = headers) =>
    told(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
    });
  for (const [id, branch, startStage] of [
    ['S', 'feature', 'deploy-staging'],
    ['M', 'modules', 'deploy-staging'],
    ['D', 'feature', 'development'],
    ['R', 'feature', 'review'],
  ])
    await post('/v1/tasks', { project: 'web', branch, id, startStage });
  const taken = JSON.parse(await post('/v1/work', { task: 'web.R' })) as { claim: string; secret: string };
  answers.pop();
  made = [taken.secret, ...operatorFiles(stateDir).map(({ token }) => token)];
  await post('/v1/work/web.R/complete', { claim: taken.claim, secret: taken.secret, artifact: 'no artifact' });
  await post('/v1/work/web.R/fail', { claim: taken.claim, secret: taken.secret, reason: 'again' });
  await post('/v1/tasks/web.S/hold', { reason: 'x' }, { authorization: `Bearer ${PLANTED['another token']}` });
  await post('/v1/tasks/web.S/hold', { reason: PLANTED['another token'] });
  const basic = Buffer.from(`ann:${PLANTED['a login']}`).toString('base64');
  await post('/v1/tasks/web.S/hold', {}, { authorization: `Basic ${basic}` });
  for (const [source, header, secret] of [
    ['github', 'x-hub-signature-256', PLANTED['a secret of webhooks, in a file']],
    ['gitea', 'x-gitea-signature', PLANTED['a secret of webhooks, in a variable']],
  ] as const)
    await post(`/v1/hooks/web/${source}`, { secret }, { [header]: secret });
  await service.saw(/"subscriber":"alerts.chat"/);
  const held = async () => (JSON.parse(await told('/v1/alerts')) as { items: unknown[] }).items.length;
  await until('what fails has failed', async () => (await held()) >= 2, 60_000);
  await logs.server.kill();
  await until('it has noticed', async () => (await fetch(`${url}/health/ready`)).status === 503, 60_000);
  await told('/health/ready');
  await told('/v1/tasks/web.S/events');
  await logs.server.start();
  await until('it goes on', async () => (await fetch(`${url}/health/ready`)).ok, 60_000);
  for (const path of [
    '/queue',
    '/metrics',
    '/v1/alerts',
    '/v1/runs',
    '/v1/events?limit=500',
    '/v1/deliveries',
    '/v1/projects',
  ])
    await told(path);
  for (const id of ['S', 'M', 'D', 'R'])
    for (const path of ['', '/why', '/events', '/brief', '/artifacts']) await told(`/v1/tasks/web.${id}${path}`);
}

/** What it answers, kept. */
async function told(path: string, asked: RequestInit = {}): Promise<string> {
  const answer = await fetch(url + path, asked);
  const said = await answer.text();
  answers.push(JSON.stringify([...answer.headers]), said);
  return said;
}

/** Names and contents of files that show what was done, not of those that hold secrets on purpose. */
function artifacts(): string {
  const folder = join(stateDir, 'artifacts');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => name + (statSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'utf8') : ''))
    .join('\n');
}

test('everything that was to fail did, and said so', () => {
  const said = answers.join('\n') + stderr;
  for (const sign of [
    'alerts.chat',
    '500 Internal Server Error',
    'setup_failed',
    'is not allowed; map it to a clone',
    '/nowhere/agent',
    'the event store cannot be used',
    '"code":"unsigned"',
  ])
    expect(said).toContain(sign);
  expect(readFileSync(traces, 'utf8')).toContain('delivery chat');
});

describe.each([
  ['the log of the service', () => stdout + stderr],
  ['its answers', () => answers.join('\n')],
  ['traces', () => readFileSync(traces, 'utf8')],
  ['artifacts', artifacts],
])('%s', (_, seen) => {
  test.each(Object.entries(PLANTED))('does not hold %s', (_name, secret) => {
    const shown = seen();
    for (const spelling of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(shown).not.toContain(spelling);
  });

  test('does not hold what the service has made', () => {
    expect(made).toHaveLength(2);
    for (const secret of made) expect(seen()).not.toContain(secret);
  });
});
