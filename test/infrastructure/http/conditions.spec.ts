import { EventStorePeer } from '../../support/eventstore-peer/peer';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';
import { ServedCore } from './served-core';

jest.setTimeout(180_000);

let ground: SampleAndLogs;
let peer: EventStorePeer;
beforeAll(async () => {
  [ground, peer] = await Promise.all([startSampleAndLogs(), EventStorePeer.start()]);
});
afterAll(() => Promise.all([ground.stop(), peer.stop()]));

interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly isReplayed: boolean;
  readonly body: Record<string, unknown>;
}

const OVERRIDE = { gate: 'check_analysis_ready', reason: 'seen' };

async function ask(
  served: ServedCore,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${served.url}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    etag: answer.headers.get('etag'),
    isReplayed: answer.headers.get('idempotency-replayed') === 'true',
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

describe.each(['embedded', 'PostgreSQL', 'EventStoreDB'] as const)('on a store that is %s', (kind) => {
  let url: string | null;
  let served: ServedCore;
  let tasks = 0;

  beforeAll(async () => {
    const urls = {
      embedded: () => null,
      PostgreSQL: async () => ground.logs.url(await ground.logs.create()),
      EventStoreDB: () => peer.url,
    };
    url = await urls[kind]();
    served = await ServedCore.start(ground.sample.dir, url);
  });
  afterAll(() => served.stop());

  const post = (path: string, body: object, headers?: Record<string, string>) =>
    ask(served, 'POST', path, body, headers);
  const get = (id: string, headers?: Record<string, string>) =>
    ask(served, 'GET', `/v1/tasks/${id}`, undefined, headers);
  /** A task of its own. */
  async function task(): Promise<string> {
    tasks += 1;
    const { body } = await post('/v1/tasks', { project: 'web', branch: 'feature', id: `C${tasks}` });
    return String(body['id']);
  }

  describe('If-Match', () => {
    it('lets through what is asked about the task as it is', async () => {
      const id = await task();
      const { etag, body } = await get(id);
      expect(etag).toBe(`"${(body['state'] as { revision: string }).revision}"`);
      const held = await post(`/v1/tasks/${id}/hold`, {}, { 'if-match': etag ?? '' });
      expect(held.status).toBe(200);
      expect((await get(id)).etag).toBe(`"${String(held.body['revision'])}"`);
    });

    it('refuses what is asked about the task as it was, with what it is now, and stores nothing', async () => {
      const id = await task();
      const { etag: before } = await get(id);
      await post(`/v1/tasks/${id}/hold`, {});
      const { etag: now } = await get(id);
      const count = await served.events();
      const late = await post(`/v1/tasks/${id}/release`, {}, { 'if-match': before ?? '' });
      expect(late).toMatchObject({ status: 412, etag: now, body: { code: 'task-moved' } });
      expect(await served.events()).toBe(count);
    });

    it('lets one of many through who have seen the same', async () => {
      const id = await task();
      const { etag } = await get(id);
      const all = [0, 1, 2, 3, 4, 5, 6, 7].map((priority) =>
        post(`/v1/tasks/${id}/priority`, { priority: (priority + 6) % 9 }, { 'if-match': etag ?? '' }),
      );
      const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array<number>(7).fill(412)]);
    });

    it('has to be there for what waives a gate', async () => {
      const id = await task();
      for (const path of ['override', 'waivers'])
        expect(await post(`/v1/tasks/${id}/${path}`, OVERRIDE)).toMatchObject({
          status: 428,
          body: { code: 'if-match-required' },
        });
      const { etag } = await get(id);
      expect((await post(`/v1/tasks/${id}/override`, OVERRIDE, { 'if-match': etag ?? '' })).status).toBe(200);
      expect(
        (await post(`/v1/tasks/${id}/override`, { ...OVERRIDE, reason: 'other' }, { 'if-match': '*' })).status,
      ).toBe(200);
    });

    it.each(['7', 'W/"7"', '"x"', '"1", "2"', ''])('is refused as %j', async (match) => {
      const id = await task();
      expect((await post(`/v1/tasks/${id}/hold`, {}, { 'if-match': match })).status).toBe(400);
    });

    it('is refused where it means nothing', async () => {
      const answer = await post('/v1/tasks', { project: 'web', branch: 'feature', id: 'Never' }, { 'if-match': '"0"' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } });
    });
  });

  it('says that nothing has changed to who has the same already', async () => {
    const id = await task();
    const { etag } = await get(id);
    expect(await get(id, { 'if-none-match': etag ?? '' })).toMatchObject({ status: 304, body: {} });
    await post(`/v1/tasks/${id}/hold`, {});
    expect((await get(id, { 'if-none-match': etag ?? '' })).status).toBe(200);
  });

  describe('Idempotency-Key', () => {
    it.each([
      ['hold', {}],
      ['priority', { priority: 9 }],
      ['cancel', { reason: 'not wanted' }],
    ])('answers a repeated %s as it was answered, and does it once', async (operation, body) => {
      const id = await task();
      const key = { 'idempotency-key': `${kind}-${operation}` };
      const first = await post(`/v1/tasks/${id}/${operation}`, body, key);
      expect(first).toMatchObject({ status: 200, isReplayed: false });
      // What comes in between does not change what was answered.
      if (operation === 'hold') await post(`/v1/tasks/${id}/release`, {});
      const count = await served.events();
      expect(await post(`/v1/tasks/${id}/${operation}`, body, key)).toEqual({ ...first, isReplayed: true });
      expect(await served.events()).toBe(count);
    });

    it('makes one task of a submission without a name, whatever is pushed in between', async () => {
      const body = { project: 'web', branch: 'feature' };
      const key = { 'idempotency-key': 'submit-1' };
      const first = await post('/v1/tasks', body, key);
      expect(first.status).toBe(201);
      ground.sample.commit('feature', { [`${kind}.txt`]: 'b\n' });
      expect(await post('/v1/tasks', body, key)).toEqual({ ...first, isReplayed: true });
      const other = await post('/v1/tasks', body, { 'idempotency-key': 'submit-2' });
      expect(other.status).toBe(201);
      expect(other.body['id']).not.toBe(first.body['id']);
    });

    it('refuses the same key for something else, and stores nothing', async () => {
      const id = await task();
      const key = { 'idempotency-key': 'reused' };
      await post(`/v1/tasks/${id}/hold`, { reason: 'one' }, key);
      await post('/v1/tasks', { project: 'web', branch: 'feature', id: `${kind}R` }, key);
      const count = await served.events();
      const refused = { status: 422, body: { code: 'reused-key' } };
      expect(await post(`/v1/tasks/${id}/hold`, { reason: 'another' }, key)).toMatchObject(refused);
      // EventStoreDB knows ids within a stream alone.
      if (kind !== 'EventStoreDB')
        expect(await post('/v1/tasks', { project: 'web', branch: 'feature', id: `${kind}S` }, key)).toMatchObject(
          refused,
        );
      expect(
        await post('/v1/tasks', { project: 'web', branch: 'feature', id: `${kind}R`, priority: 1 }, key),
      ).toMatchObject(refused);
      expect(await served.events()).toBe(count);
    });

    it('does once what is sent many times at once', async () => {
      const id = await task();
      const count = await served.events();
      const key = { 'idempotency-key': 'at-once' };
      const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => post(`/v1/tasks/${id}/hold`, {}, key)));
      expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
      expect(answers[0]?.status).toBe(200);
      expect(await served.events()).toBe(count + 1);
    });

    it('is found before If-Match is looked at, which no longer fits', async () => {
      const id = await task();
      const { etag } = await get(id);
      const headers = { 'idempotency-key': 'both', 'if-match': etag ?? '' };
      const first = await post(`/v1/tasks/${id}/hold`, {}, headers);
      expect(await post(`/v1/tasks/${id}/hold`, {}, headers)).toEqual({ ...first, isReplayed: true });
    });

    const ANY = { 'if-match': '*' };
    const later = new Date(Date.now() + 86_400_000).toISOString();
    it.each([
      [
        'evidence',
        {},
        { gate: 'check_ci_green', name: 'build', result: 'success', files: [{ name: 'a.txt', text: 'a' }] },
        { result: 'failure' },
      ],
      ['override', ANY, { ...OVERRIDE, expiresAt: later }, { reason: 'another' }],
      ['waivers', ANY, { ...OVERRIDE, reason: 'waived', expiresAt: later }, { reason: 'another' }],
    ])('of %s answers it again, also over a restart, and is no other request', async (path, headers, body, change) => {
      const id = await task();
      const at = `/v1/tasks/${id}/${path}`;
      const keyed = { ...headers, 'idempotency-key': `${kind}-${path}` };
      const first = await post(at, body, keyed);
      expect(first).toMatchObject({ status: 200, isReplayed: false });
      // Whatever comes in between, what was answered is answered again.
      await post(at, { ...body, ...change }, headers);
      await post(`/v1/tasks/${id}/hold`, {});
      const count = await served.events();
      expect(await post(at, body, keyed)).toEqual({ ...first, isReplayed: true });
      expect(await post(at, { ...body, ...change }, keyed)).toMatchObject({
        status: 422,
        body: { code: 'reused-key' },
      });
      const folder = await served.end();
      served = await ServedCore.start(ground.sample.dir, url, {}, undefined, folder);
      expect(await post(at, body, keyed)).toEqual({ ...first, isReplayed: true });
      expect(await post(at, { ...body, ...change }, keyed)).toMatchObject({
        status: 422,
        body: { code: 'reused-key' },
      });
      expect(await served.events()).toBe(count);
    });

    it('is refused where nothing is kept of it', async () => {
      const body = { name: 'ci', scopes: ['read'] };
      expect((await post('/v1/tokens', body, { 'idempotency-key': 'a' })).status).toBe(400);
    });

    it.each(['', 'a b', 'x'.repeat(256)])('is refused as %j', async (key) => {
      const id = await task();
      expect((await post(`/v1/tasks/${id}/hold`, {}, { 'idempotency-key': key })).status).toBe(400);
    });

    it('is known after a restart, and to every replica', async () => {
      const id = await task();
      const body = { reason: 'once' };
      const key = { 'idempotency-key': 'lasting' };
      const first = await post(`/v1/tasks/${id}/hold`, body, key);
      if (url !== null) {
        const replica = await ServedCore.start(ground.sample.dir, url);
        const again = await ask(replica, 'POST', `/v1/tasks/${id}/hold`, body, key);
        const both = await Promise.all(
          [served, replica].map((one) => ask(one, 'POST', `/v1/tasks/${id}/priority`, { priority: 1 }, key)),
        );
        await replica.stop();
        expect(again).toEqual({ ...first, isReplayed: true });
        expect(both[0]?.body).toEqual(both[1]?.body);
      }
      const folder = await served.end();
      served = await ServedCore.start(ground.sample.dir, url, {}, undefined, folder);
      const count = await served.events();
      expect(await post(`/v1/tasks/${id}/hold`, body, key)).toEqual({ ...first, isReplayed: true });
      expect(await served.events()).toBe(count);
    });
  });
});
