import { LOCAL, operator, type Principal } from '../../../src/domain/authority/principal';
import { ChainedLog } from '../../support/chained-log';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

const sample = new SampleRepository();
let caller: Principal = LOCAL;
let served: ServedCore;

const raised = (key: string) => ({
  type: 'AlertRaised',
  data: { key, severity: 'critical', title: `about ${key}`, detail: 'what to do' },
});
const held = (id: string) => [
  {
    type: 'TaskSubmitted',
    data: {
      taskId: id,
      project: 'web',
      title: id,
      branch: 'feature',
      headOid: 'a1'.repeat(20),
      startStage: 'deploy-staging',
      priority: 5,
      submittedBy: 'ann',
    },
  },
  { type: 'TaskHeld', data: { reason: 'unclassified', by: 'stagegate', detail: 'odd', budget: null } },
  raised(`${id}@1`),
];
const PAUSED = {
  type: 'LanePaused',
  data: {
    cause: 'infra-rate',
    runs: 5,
    failures: 4,
    tasks: 3,
    heldMs: 60_000,
    from: '2025-01-01T00:00:00.000Z',
    taskId: 'web.A',
    cooldownMs: 600_000,
    probeAt: '2025-01-01T00:10:00.000Z',
  },
};
const OF_LANE = 'lane-paused:web:0';

beforeAll(async () => {
  served = await ServedCore.start(sample.dir, null, {}, () => Promise.resolve(caller));
  const log = new ChainedLog(served.store);
  for (const id of ['web.A', 'web.B', 'web.C']) await log.appendFacts(`task-${id}`, ...held(id));
  await log.appendFacts('lane-web', PAUSED);
  await post('/v1/tasks/web.C/release', {});
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});

interface Listed {
  readonly items: readonly { readonly alert: string; readonly state: string }[];
  readonly nextCursor: string | null;
}
const list = async (query = '') => (await (await fetch(`${served.url}/v1/alerts${query}`)).json()) as Listed;
const keys = async (query = '') => (await list(query)).items.map(({ alert }) => alert);
async function post(path: string, body: object) {
  const answer = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const ask = (key: string, what: string, body: object = {}) =>
  post(`/v1/alerts/${encodeURIComponent(key)}/${what}`, body);

it('those that are open are listed, the latest first; a task that was released has closed its own', async () => {
  expect(await keys()).toEqual([OF_LANE, 'web.B@1', 'web.A@1']);
  expect(await list('?state=closed')).toMatchObject({ items: [{ alert: 'web.C@1', closedBy: 'stagegate' }] });
  expect((await keys('?state=all')).sort()).toEqual([OF_LANE, 'web.A@1', 'web.B@1', 'web.C@1']);
  expect(await list('?project=wbe')).toMatchObject({ status: 404, code: 'unknown-project' });
  expect(await list('?state=over')).toMatchObject({ status: 422, code: 'unknown-state' });
});

it('page by page, none twice', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Listed = await list(`?state=all&limit=1${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ alert }) => alert));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(await keys('?state=all'));
  expect(await list('?cursor=bm90aGluZw')).toMatchObject({ status: 400, code: 'invalid-cursor' });
});

it('one is acknowledged, stays open, and is closed; the same again stores nothing', async () => {
  caller = operator('bea');
  expect(await ask('web.A@1', 'acknowledge', { note: 'on it' })).toEqual({
    status: 200,
    body: { alert: 'web.A@1', state: 'acknowledged' },
  });
  const seen = { state: 'acknowledged', acknowledgedBy: 'bea', note: 'on it', detail: 'what to do' };
  expect((await list()).items).toContainEqual(expect.objectContaining({ alert: 'web.A@1', ...seen }));
  const queue = (await (await fetch(`${served.url}/queue`)).json()) as object;
  expect(queue).toMatchObject({ alerts: { open: 3, unacknowledged: 2 } });
  const before = await served.events();
  expect(await ask('web.A@1', 'acknowledge')).toMatchObject({ status: 200 });
  expect(await served.events()).toBe(before);
  expect(await ask('web.A@1', 'close')).toMatchObject({ status: 200, body: { state: 'closed' } });
  expect(await ask('web.A@1', 'close')).toMatchObject({ status: 200 });
  expect(await served.events()).toBe(before + 1);
  expect(await ask('web.A@1', 'acknowledge')).toMatchObject({ status: 409, body: { code: 'alert-closed' } });
  expect(await keys()).toEqual([OF_LANE, 'web.B@1']);
});

it('so is that of a lane, which stays paused, and which is closed when the lane goes on', async () => {
  expect(await ask(OF_LANE, 'acknowledge', { note: 'the disk' })).toMatchObject({ status: 200 });
  const before = await served.events();
  expect(await ask(OF_LANE, 'acknowledge')).toMatchObject({ status: 200 });
  expect(await served.events()).toBe(before);
  expect((await list('?state=acknowledged')).items).toMatchObject([{ alert: OF_LANE, note: 'the disk' }]);
  expect(await post('/v1/projects/web/lane/resume', { reason: 'room again' })).toMatchObject({ status: 200 });
  expect(await keys('?state=acknowledged')).toEqual([]);
  expect(await ask(OF_LANE, 'acknowledge')).toMatchObject({ status: 404, body: { code: 'unknown-alert' } });
});

it.each(['web.A@99', 'web.Z@1', 'web.A', '@', 'lane-paused:web:7', 'lane-paused:web', '__proto__'])(
  'what is no alert is not known: %s',
  async (key) => {
    const before = await served.events();
    const { status, body } = await ask(key, 'close');
    expect({ status, code: body['code'] }).toEqual({
      status: 404,
      code: key === 'web.Z@1' ? 'unknown-task' : 'unknown-alert',
    });
    expect(await served.events()).toBe(before);
  },
);

it('a note is as short as a reason', async () => {
  for (const note of ['', 'x'.repeat(501), 5, null])
    expect(await ask('web.B@1', 'close', { note })).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  expect(await ask('web.B@1', 'close', { reason: 'x' })).toMatchObject({ status: 400 });
});
