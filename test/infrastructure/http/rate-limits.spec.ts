import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { Buckets } from '../../../src/infrastructure/http/rate/buckets';
import { SampleRepository } from '../../support/sample-repository';
import { OPERATOR_TOKEN, ServedCore } from './served-core';

describe('a bucket', () => {
  const clock = {
    at: 0,
    monotonic() {
      return this.at;
    },
  };

  it('lets a minute of requests through at once, then one by one as time goes by, and never more than that', () => {
    const buckets = new Buckets(clock);
    const first = Array.from({ length: 60 }, () => buckets.take('ci', 60));
    expect(first.every(({ isWithin }) => isWithin)).toBe(true);
    expect(first.at(-1)).toEqual({ isWithin: true, remaining: 0, nextInS: 0, fullInS: 60 });
    expect(buckets.take('ci', 60)).toEqual({ isWithin: false, remaining: 0, nextInS: 1, fullInS: 60 });
    clock.at += 999;
    expect(buckets.take('ci', 60).isWithin).toBe(false);
    clock.at += 1;
    expect(buckets.take('ci', 60).isWithin).toBe(true);
    clock.at += 3_600_000;
    expect(buckets.take('ci', 60).remaining).toBe(59);
  });

  it('says how long until there is room, however slow it fills', () => {
    const buckets = new Buckets(clock);
    buckets.take('slow', 1);
    expect(buckets.take('slow', 1).nextInS).toBe(60);
    clock.at += 30_000;
    expect(buckets.take('slow', 1).nextInS).toBe(30);
  });

  it('is remembered of the latest callers alone', () => {
    const buckets = new Buckets(clock, 2);
    buckets.take('a', 1);
    buckets.take('b', 1);
    buckets.take('a', 1);
    buckets.take('c', 1);
    expect(buckets.size).toBe(2);
    // That of b was the one to go.
    expect(['a', 'b'].map((who) => buckets.take(who, 1).isWithin)).toEqual([false, true]);
  });
});

describe('over HTTP', () => {
  jest.setTimeout(120_000);
  const sample = new SampleRepository();
  let served: ServedCore;
  beforeAll(async () => {
    const door = { proxies: ['127.0.0.1'], rates: { perToken: 5, perAddress: 3 } };
    served = await ServedCore.start(sample.dir, null, {}, null, undefined, {}, door);
  });
  afterAll(async () => {
    await served.stop();
    sample.dispose();
  });

  async function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
    const asked = request(served.url + path, { method, headers });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const { ratelimit, 'ratelimit-policy': policy, 'retry-after': again } = answer.headers;
    const { code } = (await json(answer)) as { readonly code?: string };
    return { status: answer.statusCode, code, ratelimit, policy, again };
  }

  async function tokenNamed(name: string) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_TOKEN}` };
    const body = JSON.stringify({ name, scopes: ['read'] });
    const answer = await fetch(`${served.url}/v1/tokens`, { method: 'POST', headers, body });
    return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
  }

  it('a token has so many requests, is told what is left and when to come again, and takes none from others', async () => {
    const [one, other] = [await tokenNamed('one'), await tokenNamed('other')];
    expect(await ask('/queue', one)).toEqual({
      status: 200,
      policy: '"token";q=5;w=60',
      ratelimit: '"token";r=4;t=12',
    });
    for (let left = 3; left >= 0; left -= 1) expect((await ask('/v1/runs', one)).status).toBe(200);
    const refused = await ask('/queue', one);
    expect(refused).toMatchObject({ status: 429, code: 'rate-limited', policy: '"token";q=5;w=60' });
    expect(refused.ratelimit).toBe(`"token";r=0;t=${refused.again}`);
    expect(Number(refused.again)).toBeGreaterThan(0);
    expect((await ask('/queue', other)).status).toBe(200);
    // A stream is a request as any other.
    expect(await ask('/v1/events', { ...one, accept: 'text/event-stream' })).toMatchObject({ status: 429 });
  });

  it('whoever brings no valid token has fewer, by the address that the proxy names, webhooks that nobody has signed included', async () => {
    const from = (address: string, more = {}) => ({ 'x-forwarded-for': address, ...more });
    const guess = { authorization: `Bearer sgt_${'a'.repeat(64)}` };
    expect(await ask('/queue', from('203.0.113.7', guess))).toMatchObject({
      status: 401,
      policy: '"address";q=3;w=60',
    });
    expect(await ask('/v1/hooks/web/github', from('203.0.113.7'), 'POST')).toMatchObject({ status: 401 });
    expect(await ask('/health/live', from('203.0.113.7'))).toMatchObject({ status: 200 });
    for (const [path, method] of [
      ['/queue', 'GET'],
      ['/v1/hooks/web/github', 'POST'],
      ['/health/live', 'GET'],
    ] as const)
      expect([path, await ask(path, from('203.0.113.7'), method)]).toMatchObject([
        path,
        { status: 429, code: 'rate-limited' },
      ]);
    expect((await ask('/queue', from('203.0.113.8'))).status).toBe(401);
    // Of IPv6 somebody has a whole network.
    const sixth = (host: string) => ask('/queue', from(`2001:db8:1:2::${host}`));
    expect([(await sixth('1')).status, (await sixth('2')).status, (await sixth('ff:3')).status]).toEqual([
      401, 401, 401,
    ]);
    expect((await sixth('4')).status).toBe(429);
    // What somebody writes before the address that the proxy has seen counts for nothing.
    expect((await ask('/queue', from('198.51.100.1, 203.0.113.7'))).status).toBe(429);
  });

  it('nobody counts on this machine', async () => {
    for (let count = 0; count < 8; count += 1) {
      expect(await ask('/queue', { authorization: `Bearer ${OPERATOR_TOKEN}` })).toEqual({ status: 200 });
      expect(await ask('/health/live')).toEqual({ status: 200 });
    }
  });

  it('what is for everybody tells whoever may not read everything no name of a worker', async () => {
    const worker = async (headers = {}) =>
      ((await (await fetch(`${served.url}/health/live`, { headers })).json()) as { worker: string | null }).worker;
    expect(await worker()).toBeNull();
    expect(await worker(await tokenNamed('reader'))).toEqual(expect.any(String));
  });
});
