import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { bearerIn } from '../../../src/infrastructure/http/caller';
import { stanceOf } from '../../../src/infrastructure/http/stance';
import { GUARDED, ordersOf } from '../../support/orders';
import { routes } from '../../support/routes';
import { startPostgresLogs } from '../../support/postgres-log';
import { SampleRepository } from '../../support/sample-repository';
import { OPERATOR_TOKEN, ServedCore } from './served-core';

jest.setTimeout(180_000);

const sample = new SampleRepository();
let served: ServedCore;
let other: ServedCore;
/** Listens as one that others reach. */
let guarded: ServedCore;

const READS = routes()
  .filter(({ handler }) => stanceOf(handler) === 'read')
  // A stream has no end.
  .map(({ path }) => ({ path: path.replace(/:\w+/g, 'x').replace(/^\/v1\/events$/, '/v1/events?limit=1') }));

beforeAll(async () => {
  sample.push('feature', { 'a.txt': 'a\n' }, 'main');
  served = await ServedCore.start(sample.dir, null, {}, null);
  other = await ServedCore.start(sample.dir, null, {}, null);
  guarded = await ServedCore.start(sample.dir, null, {}, null, undefined, {}, { proxies: ['127.0.0.1'] });
});
afterAll(async () => {
  await served.stop();
  await other.stop();
  await guarded.stop();
  sample.dispose();
});

interface Answer {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly body: { readonly [member: string]: unknown };
}

/** @param headers names and values one after the other, as they are sent. */
async function ask(
  method: string,
  path: string,
  headers: readonly string[],
  body?: object,
  on = served,
): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const about = ['host', new URL(on.url).host];
  if (body !== undefined) about.push('content-type', 'application/json', 'content-length', String(text.length));
  const asked = request(on.url + path, { method, headers: [...about, ...headers] });
  asked.end(text);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const { 'www-authenticate': challenge, 'content-type': type = '' } = answer.headers;
  const said = await textOf(answer);
  const isJson = /[/+]json/.test(type);
  return { status: answer.statusCode ?? 0, challenge, body: (isJson ? JSON.parse(said) : { said }) as Answer['body'] };
}

const bearing = (token: string) => ['authorization', `Bearer ${token}`];
const operator = bearing(OPERATOR_TOKEN);
const orderAs = (headers: readonly string[], path: string, body: object = {}) => ask('POST', path, headers, body);

async function make(name: string, more: object, on = served): Promise<string> {
  const { status, body } = await ask('POST', '/v1/tokens', operator, { name, scopes: ['submit'], ...more }, on);
  expect([name, status]).toEqual([name, 201]);
  return body['token'] as string;
}

describe('who is not known', () => {
  let unknown: Readonly<Record<string, readonly string[]>>;

  beforeAll(async () => {
    await orderAs(operator, '/v1/tasks', { project: 'web', id: 'T1', branch: 'feature' });
    const revoked = await make('revoked', {});
    await orderAs(operator, '/v1/tokens/revoked/revoke', { reason: 'over' });
    const short = await make('short', { expiresAt: new Date(Date.now() + 1_000).toISOString() });
    while ((await ask('GET', '/v1/tokens', bearing(short))).status !== 401) await new Promise(setImmediate);
    const good = await make('good', { scopes: ['submit', 'operate', 'admin'] });
    unknown = {
      'nothing at all': [],
      'no token of this log': bearing(await make('good', { scopes: ['admin'] }, other)),
      'a made-up one': bearing(`sgt_${'a'.repeat(64)}`),
      'one that is revoked': bearing(revoked),
      'one that has expired': bearing(short),
      'two headers': [...bearing(good), ...bearing(good)],
      'two headers, one of them empty': [...bearing(good), 'Authorization', ''],
      'two in one header': ['authorization', `Bearer ${good}, Bearer ${good}`],
      'another scheme': ['authorization', `Basic ${good}`],
      'no scheme': ['authorization', good],
      'a part of one': bearing(good.slice(0, -1)),
      'more than one': bearing(`${good}0`),
      'capital letters': bearing(good.toUpperCase()),
      '10 KB': bearing(`sgt_${'a'.repeat(10_240)}`),
      'its digest': bearing(`sgt_${'0'.repeat(64)}`),
    };
  });

  it.each(GUARDED)('gets the same answer of $method $path, whatever is wrong, and stores nothing', async (route) => {
    const before = await served.events();
    const expected = {
      status: 401,
      challenge: 'Bearer',
      body: expect.objectContaining({ code: 'unauthenticated' }) as object,
    };
    const bodies = new Set<string>();
    for (const { method, path, body } of ordersOf(route))
      for (const [what, headers] of Object.entries(unknown)) {
        const answer = await ask(method, path, headers, body);
        expect([path, what, answer]).toEqual([path, what, expected]);
        bodies.add(JSON.stringify(answer.body));
      }
    expect(bodies.size).toBe(1);
    expect(await served.events()).toBe(before);
  });

  it('may read on loopback, without a token that is none, and not by way of a proxy', async () => {
    for (const path of ['/queue', '/v1/tasks/web.T1', '/v1/runs', '/v1/events?limit=1']) {
      expect((await ask('GET', path, [])).status).toBe(200);
      for (const headers of [bearing('nonsense'), ['x-forwarded-for', '10.0.0.7'], ['via', '1.1 proxy']])
        expect([path, headers, (await ask('GET', path, headers)).status]).toEqual([path, headers, 401]);
    }
    for (const headers of [bearing('nonsense'), ['via', '1.1 proxy']])
      expect((await ask('GET', '/health/live', headers)).status).toBe(200);
  });

  it.each(READS)('gets that answer of a read too where the service listens to others: $path', async ({ path }) => {
    const answers = new Set<string>();
    for (const [what, headers] of Object.entries(unknown)) {
      const { status, challenge, body } = await ask('GET', path, headers, undefined, guarded);
      expect([what, status, challenge]).toEqual([what, 401, 'Bearer']);
      answers.add(JSON.stringify(body));
    }
    expect(answers.size).toBe(1);
  });

  it.each(READS)('and a token that is not for reading does not read: $path', async ({ path }) => {
    const working = bearing(await make(`working-${READS.findIndex((one) => one.path === path)}`, { scopes: ['work'] }));
    const to = (token: readonly string[], on: ServedCore) => ask('GET', path, token, undefined, on);
    const made = await ask(
      'POST',
      '/v1/tokens',
      operator,
      { name: path.replace(/\W/g, ''), scopes: ['work'] },
      guarded,
    );
    expect(await to(bearing(made.body['token'] as string), guarded)).toMatchObject({
      status: 403,
      body: { code: 'not-allowed', detail: expect.stringContaining('the right to read') as string },
    });
    // On loopback whoever has one is not worse off than whoever has none.
    expect((await to(working, served)).status).not.toBe(403);
  });
});

describe('who has a token', () => {
  it('may do what it is for, where it is for, and the log says who did', async () => {
    const ci = bearing(await make('ci', { projects: ['web'] }));
    expect(await orderAs(ci, '/v1/tasks', { project: 'web', id: 'T7', branch: 'feature' })).toMatchObject({
      status: 201,
    });
    const { body } = await ask('GET', '/v1/tasks/web.T7/events', []);
    const [submitted] = body['items'] as readonly object[];
    expect(submitted).toMatchObject({ type: 'TaskSubmitted', actor: 'ci', data: { submittedBy: 'ci' } });
    const before = await served.events();
    expect(await orderAs(ci, '/v1/tasks', { project: 'api', branch: 'feature' })).toMatchObject({ status: 404 });
    for (const [path, asked] of [
      ['/v1/tasks/web.T7/hold', {}],
      ['/v1/tasks/web.none/hold', {}],
      ['/v1/tasks/web.T7/priority', { priority: 9 }],
      ['/v1/tokens', { name: 'more', scopes: ['admin'] }],
      ['/v1/tokens/ci/revoke', {}],
    ] as const)
      expect([path, await orderAs(ci, path, asked)]).toMatchObject([
        path,
        { status: 403, body: { code: 'not-allowed' } },
      ]);
    expect(await ask('GET', '/v1/tokens', ci)).toMatchObject({ status: 403 });
    expect(await served.events()).toBe(before);
  });

  it('may do it no more once the token is revoked, were the request under way already', async () => {
    const token = await make('halfway', {});
    const text = JSON.stringify({ project: 'web', id: 'T8', branch: 'feature' });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': text.length,
    };
    const half = request(`${served.url}/v1/tasks`, { method: 'POST', headers });
    half.write(text.slice(0, 5));
    expect(await orderAs(operator, '/v1/tokens/halfway/revoke')).toMatchObject({
      status: 200,
      body: { name: 'halfway' },
    });
    half.end(text.slice(5));
    const [{ statusCode }] = (await once(half, 'response')) as [IncomingMessage];
    expect([statusCode, (await ask('GET', '/v1/tasks/web.T8', [])).status]).toEqual([401, 404]);
  });
});

describe('tokens over HTTP', () => {
  it('the secret is in the answer that makes it and in no other', async () => {
    const { status, body } = await orderAs(operator, '/v1/tokens', {
      name: 'once',
      scopes: ['read', 'work'],
      kind: 'agent',
    });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ name: 'once', kind: 'agent', projects: '*', createdBy: 'local' }),
    ]);
    const list = await ask('GET', '/v1/tokens', operator);
    expect(list.body['items']).toContainEqual(expect.objectContaining({ id: body['id'], name: 'once', revoked: null }));
    expect(JSON.stringify(list.body)).not.toMatch(/sgt_|digest/);
  });

  it.each([
    ['a project that there is not', { projects: ['nope'] }, 404, 'unknown-project'],
    ['a scope that there is not', { scopes: ['conduct'] }, 400, 'bad-request'],
    ['no scope', { scopes: [] }, 400, 'bad-request'],
    ['scopes that are no list', { scopes: 'admin' }, 400, 'bad-request'],
    ['a scope within a list', { scopes: [['admin']] }, 400, 'bad-request'],
    ['no project', { projects: [] }, 400, 'bad-request'],
    ['admin for an agent', { scopes: ['admin'], kind: 'agent' }, 422, 'invalid-token'],
    ['admin in one project', { scopes: ['admin'], projects: ['web'] }, 422, 'invalid-token'],
    ['an end that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 422, 'invalid-token'],
    ['an end that is no day', { expiresAt: '2030-02-30T00:00:00Z' }, 400, 'bad-request'],
    ['a digest of its own', { digest: 'a'.repeat(64) }, 400, 'bad-request'],
    ['the name of the operator', { name: 'local' }, 400, 'bad-request'],
    ['a token for a name', { name: `sgt_${'a'.repeat(64)}` }, 422, 'token-in-body'],
  ])('%s is refused', async (_, more, status, code) => {
    const before = await served.events();
    const asked = { name: 'odd', scopes: ['read'], ...more };
    expect(await orderAs(operator, '/v1/tokens', asked)).toMatchObject({ status, body: { code } });
    expect(await served.events()).toBe(before);
  });

  it('a name is taken as long as its token is live', async () => {
    await make('once-more', {});
    const again = { name: 'Once-More', scopes: ['read'] };
    expect(await orderAs(operator, '/v1/tokens', again)).toMatchObject({
      status: 409,
      body: { code: 'token-name-taken' },
    });
    expect(await orderAs(operator, '/v1/tokens/none/revoke')).toMatchObject({
      status: 404,
      body: { code: 'unknown-token' },
    });
  });
});

it('a token of a log on PostgreSQL counts on every service of that log, up to the moment that any of them revokes it', async () => {
  const logs = await startPostgresLogs();
  const log = logs.url(await logs.create());
  const replicas = [
    await ServedCore.start(sample.dir, log, {}, null),
    await ServedCore.start(sample.dir, log, {}, null),
  ] as const;
  try {
    const token = bearing(await make('both', { scopes: ['operate'] }, replicas[0]));
    const hold = () => Promise.all(replicas.map((one) => ask('POST', '/v1/tasks/web.none/hold', token, {}, one)));
    expect((await hold()).map(({ status }) => status)).toEqual([404, 404]);
    expect((await ask('POST', '/v1/tokens/both/revoke', operator, {}, replicas[1])).status).toBe(200);
    expect((await hold()).map(({ status }) => status)).toEqual([401, 401]);
  } finally {
    for (const one of replicas) await one.stop();
    await logs.stop();
  }
});

it('a header is read as RFC 6750 has it, and no other way', () => {
  const token = `sgt_${'ab'.repeat(32)}`;
  for (const value of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`])
    expect(bearerIn(['Host', 'x', 'Authorization', value])).toBe(token);
  // The name of a header where a value stands is no header.
  expect(bearerIn(['X', 'authorization', `Bearer ${token}`, 'y'])).toBeNull();
});
