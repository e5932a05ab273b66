import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stanceOf } from '../../src/infrastructure/http/stance';
import { PARAMETERS_METADATA } from '../../src/infrastructure/http/known-parameters';
import { startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { routes } from '../support/routes';
import { SampleRepository } from '../support/sample-repository';
import { orderHeaders } from '../support/operator';

jest.setTimeout(60_000);

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-parameters-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
const session = new CliSession();
let service: RunningService;
let url: string;

beforeAll(async () => {
  const staging = { suite: 'true' };
  const projects = { web: { repo: sample.dir, staging }, idle: { repo: sample.dir, staging } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects }));
  service = await startService(env);
  ({ url } = service);
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  await session.run(['submit', 'feature', '--project', 'web', '--id', 'T1'], env);
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function ask(method: string, path: string) {
  const headers = orderHeaders(env.STAGEGATE_STATE_DIR ?? '', url);
  const answer = await fetch(new URL(path, url), { method, headers });
  const text = await answer.text();
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  return { status: answer.status, isProblem, ...(isProblem && (JSON.parse(text) as { code: string; detail: string })) };
}

// Whoever has not signed a webhook is told nothing.
const UNSIGNED = routes().filter(({ handler }) => stanceOf(handler) !== 'signed');
const ROUTES = UNSIGNED.map(({ method, path, handler }) => {
  const known = (Reflect.getMetadata(PARAMETERS_METADATA, handler) ?? []) as readonly string[];
  const at = path.replace(':operation', 'hold').replace(':runId', 'x').replace(':id', 'web.T1');
  return [`${method} ${path}`, { method, at, known }] as const;
});
const PARAMETERS = ROUTES.flatMap(([name, { method, at, known }]) =>
  known.map((parameter) => [`${name}?${parameter}=`, { method, at, parameter }] as const),
);

it.each(ROUTES)(
  '%s refuses a parameter that it does not know, and names those that it knows',
  async (_name, { method, at, known }) => {
    for (const unknown of ['limitt', 'Limit', '__proto__', 'at[]', '']) {
      const seen = await ask(method, `${at}?${encodeURIComponent(unknown)}=1`);
      expect({ unknown, ...seen }).toMatchObject({ unknown, status: 400, isProblem: true, code: 'bad-request' });
      expect(seen.detail).toContain(JSON.stringify(unknown));
      for (const name of known) expect(seen.detail).toContain(name);
    }
  },
);

it.each(PARAMETERS)('%s twice is refused', async (_name, { method, at, parameter }) => {
  expect(await ask(method, `${at}?${parameter}=1&${parameter}=1`)).toMatchObject({
    status: 422,
    code: 'repeated-parameter',
  });
});

/** A position of the log that cannot be is 400, as `Last-Event-ID` of other services has it. */
const REFUSED = [400, 404, 422];

it.each(PARAMETERS)('%s with what makes no sense is refused', async (_name, { method, at, parameter }) => {
  for (const value of ['', ' ', 'nonsense', '-1', '1e3', '0x1', '1.5', '٣', '\u001b[31m', '999999999999999999999999']) {
    const seen = await ask(method, `${at}?${parameter}=${encodeURIComponent(value)}`);
    expect({ value, status: REFUSED.includes(seen.status) || seen, isProblem: seen.isProblem }).toEqual({
      value,
      status: true,
      isProblem: true,
    });
    expect(seen.detail).not.toMatch(/internal/);
  }
});

const NO_INSTANTS = [
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00Z',
  '2025-01-31',
  '2025-01-31T24:00:00Z',
  '2025-01-31T09:30:00',
];

it.each(NO_INSTANTS)('%s is no instant, for the route and for the command', async (text) => {
  expect(await ask('GET', `/queue?at=${text}`)).toMatchObject({ status: 422, code: 'invalid-at' });
  const { code, stdout, stderr } = await session.run(['queue', '--at', text], env);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^stagegate: at: expected a position like 1234\/1234 or an instant like .*, saw "2/);
});

it('a project that nobody knows has no queue, now and before; one that is only configured has an empty one', async () => {
  for (const path of [
    '/queue?project=nobody',
    '/queue?project=nobody&at=start',
    '/queue?project=WEB',
    '/queue?project=',
  ])
    expect(await ask('GET', path)).toMatchObject({ status: 404, isProblem: true, code: 'unknown-project' });
  for (const path of ['/queue?project=idle', '/queue?project=idle&at=start', '/queue?project=web'])
    expect(await ask('GET', path)).toMatchObject({ status: 200 });
});

it('a task that nobody knows has no runs; one that nothing has run for has none yet', async () => {
  expect(await ask('GET', '/v1/runs?task=web.nobody')).toMatchObject({ status: 404, code: 'unknown-task' });
  expect(await ask('GET', '/v1/runs?task=web.T1')).toMatchObject({ status: 200 });
});

describe.each([
  ['by the service', {}],
  ['by the store itself', { STAGEGATE_STATE_DIR: join(root, 'other') }],
])('the command, answered %s', (_door, more) => {
  it.each([
    [['queue', '--project', 'nobody'], /^stagegate: project: expected one of web, idle, saw "nobody"\n$/],
    [
      ['runs', 'web.nobody'],
      /^stagegate: task: expected <project>\.<task> that exists, saw "web\.nobody"; see stagegate queue\n$/,
    ],
  ] as const)('%j is refused in one line', async (args, says) => {
    const { code, stdout, stderr } = await session.run(args, { ...env, ...more });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
  });
});
