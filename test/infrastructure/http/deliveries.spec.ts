import { LOCAL, operator, type Principal } from '../../../src/domain/authority/principal';
import { ChainedLog } from '../../support/chained-log';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

const sample = new SampleRepository();
let caller: Principal = LOCAL;
let served: ServedCore;
const at = (second: number) => `2025-01-01T00:00:0${second}.000Z`;
const tried = (task: string, second: number) => ({
  event: { stream: `task-web.${task}`, revision: '1' },
  name: `web.${task}@1`,
  since: at(second),
  tries: 2,
  answer: `about ${task}`,
});
const standing = (more: object) => ({
  after: { stream: 'task-web.T1', revision: '1' },
  lease: null,
  trouble: null,
  done: [],
  ...more,
});
const aside = (task: string, second: number) => ({ ...tried(task, second), triedAt: at(second + 1), dueAt: at(9) });
const dead = (task: string, second: number) => ({ ...tried(task, second), outcome: 'dead' });
const delivered = (task: string, second: number) => ({ ...tried(task, second), outcome: 'delivered' });

beforeAll(async () => {
  served = await ServedCore.start(sample.dir, null, {}, () => Promise.resolve(caller));
  const log = new ChainedLog(served.store);
  const pager = 'subscriber-alerts.pager';
  await log.appendFacts(pager, { type: 'SubscriberBegan', data: standing({}) });
  await log.appendFacts(pager, { type: 'BatchHandled', data: standing({ ended: [delivered('A', 1), dead('B', 2)] }) });
  await log.appendFacts(pager, {
    type: 'BatchHandled',
    data: standing({ aside: [aside('C', 3)], ended: [dead('D', 4)] }),
  });
  const lane = { ...dead('X', 5), event: { stream: 'lane-web', revision: '0' }, name: 'lane-paused:web:0' };
  await log.appendFacts('subscriber-lane-alerts.chat', { type: 'SubscriberBegan', data: standing({}) });
  await log.appendFacts('subscriber-lane-alerts.chat', { type: 'BatchHandled', data: standing({ ended: [lane] }) });
  // What cannot be read says nothing.
  await log.appendFacts('subscriber-alerts.odd', { type: 'BatchHandled', data: { ended: 5 } });
  await served.catchUp();
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});
beforeEach(() => {
  caller = LOCAL;
});

interface Listed {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
}
const get = async (path: string) => (await (await fetch(`${served.url}${path}`)).json()) as Listed & { code?: string };
const namesOf = ({ items }: Listed) => items.map(({ sink, alert, outcome }) => [sink, alert, outcome].join(' '));
const list = async (query = '') => namesOf(await get(`/v1/deliveries${query}`));
async function redeliver(body: object) {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${served.url}/v1/deliveries/redeliver`, init);
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

test('lists what became of each, the latest first', async () => {
  expect(await list()).toEqual([
    'chat lane-paused:web:0 dead',
    'pager web.D@1 dead',
    'pager web.C@1 retrying',
    'pager web.B@1 dead',
    'pager web.A@1 delivered',
  ]);
  const { items } = await get('/v1/deliveries?alert=web.C%401');
  expect(items).toEqual([
    {
      sink: 'pager',
      alert: 'web.C@1',
      taskId: 'web.C',
      project: 'web',
      outcome: 'retrying',
      tries: 2,
      firstAt: at(3),
      lastAt: at(4),
      nextAt: at(9),
      answer: 'about C',
    },
  ]);
});

test('lists those of a sink, a project or an outcome, page by page', async () => {
  expect(await list('?sink=chat&project=web&outcome=dead')).toEqual(['chat lane-paused:web:0 dead']);
  const first = await get('/v1/deliveries?outcome=dead&limit=2');
  expect(namesOf(first)).toEqual(['chat lane-paused:web:0 dead', 'pager web.D@1 dead']);
  const second = await get(`/v1/deliveries?outcome=dead&limit=2&cursor=${first.nextCursor ?? ''}`);
  expect([namesOf(second), second.nextCursor]).toEqual([['pager web.B@1 dead'], null]);
  expect(await get(`/v1/deliveries?limit=2&cursor=${first.nextCursor ?? ''}`)).toMatchObject({
    code: 'invalid-cursor',
  });
  expect(await get('/v1/deliveries?outcome=lost')).toMatchObject({ code: 'unknown-outcome' });
  expect(await get('/v1/deliveries?sink=nobody')).toMatchObject({ code: 'unknown-sink' });
  expect(await get('/v1/deliveries?alert=web.T1@999')).toMatchObject({ code: 'unknown-alert' });
  expect(await get('/v1/deliveries?project=none')).toMatchObject({ code: 'unknown-project' });
});

test('the queue counts what is not with its sinks', async () => {
  const { alerts } = (await (await fetch(`${served.url}/queue`)).json()) as { alerts: { deliveries: object } };
  expect(alerts.deliveries).toEqual({ retrying: 1, dead: 3 });
});

test('a dead letter is asked for once, by who may', async () => {
  caller = { ...operator('bob'), projects: ['api'] };
  expect(await redeliver({ alert: 'web.B@1' })).toMatchObject({ status: 404, body: { code: 'no-dead-letter' } });
  caller = operator('ann');
  expect(await redeliver({})).toMatchObject({ status: 422, body: { code: 'invalid-redelivery' } });
  expect(await redeliver({ alert: 'web.A@1' })).toMatchObject({ status: 404, body: { code: 'no-dead-letter' } });
  expect(await redeliver({ sink: 'pager' })).toEqual({
    status: 200,
    body: {
      items: [
        { sink: 'pager', alert: 'web.B@1' },
        { sink: 'pager', alert: 'web.D@1' },
      ],
      hasMore: false,
    },
  });
  expect(await redeliver({ sink: 'pager' })).toMatchObject({ status: 404 });
  expect(await list('?sink=pager&outcome=retrying')).toEqual([
    'pager web.D@1 retrying',
    'pager web.C@1 retrying',
    'pager web.B@1 retrying',
  ]);
  const events = await served.store.readStream('subscriber-alerts.pager', { limit: 10 });
  expect(events.at(-1)).toMatchObject({ type: 'RedeliveryAsked', data: { by: 'ann' }, meta: { actor: 'ann' } });
});
