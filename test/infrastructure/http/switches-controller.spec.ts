import { LOCAL, operator, type Principal } from '../../../src/domain/authority/principal';
import { SWITCH_NAMES } from '../../../src/domain/policy/switches';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

const sample = new SampleRepository();
let caller: Principal = LOCAL;
let served: ServedCore;
beforeAll(async () => {
  served = await ServedCore.start(sample.dir, null, {}, () => Promise.resolve(caller));
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});

const list = async (query = '') => (await fetch(`${served.url}/v1/switches${query}`)).json();
const set = async (body: object, name = 'stagingRunner', project = 'web') => {
  const answer = await fetch(`${served.url}/v1/projects/${project}/switches/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const off = { state: 'off', reason: 'it hangs' };

it('every switch of every project is listed with who says so', async () => {
  const origin = { from: 'default' };
  const items = SWITCH_NAMES.map((name) => ({ project: 'web', switch: name, enabled: true, origin }));
  expect(await list()).toEqual({ items, nextCursor: null });
  expect(await list('?project=web')).toEqual({ items, nextCursor: null });
  expect(await list('?project=wbe')).toMatchObject({ code: 'unknown-project', status: 404 });
});

it('a switch that is set is answered as it is from then on, and read so at once', async () => {
  caller = operator('bea');
  const answer = await set(off);
  const origin = { from: 'event', by: 'bea', reason: 'it hangs', revision: '0' };
  const now = { project: 'web', switch: 'stagingRunner', enabled: false, origin };
  expect(answer).toMatchObject({ status: 200, body: { ...now, isChanged: true } });
  expect(await list()).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ enabled: false })]) as [],
  });
  caller = operator('cid');
  expect((await set({ ...off, reason: 'me too' })).body).toMatchObject({ ...now, isChanged: false });
  expect((await set({ ...off, state: 'default' })).body).toMatchObject({ enabled: true, origin: { from: 'default' } });
});

it.each([
  ['a state that there is not', { ...off, state: 'false' }, 400, 'bad-request'],
  ['no state', { reason: 'x' }, 400, 'bad-request'],
  ['a state of another kind', { ...off, state: false }, 400, 'bad-request'],
  ['a state that every object has', { ...off, state: 'toString' }, 400, 'bad-request'],
  ['no reason', { state: 'off' }, 400, 'bad-request'],
  ['an empty reason', { ...off, reason: '' }, 400, 'bad-request'],
  ['a reason that is too long', { ...off, reason: 'x'.repeat(501) }, 400, 'bad-request'],
  ['somebody else’s name', { ...off, by: 'ann' }, 400, 'bad-request'],
])('%s is refused, and stores nothing', async (_what, body, status, code) => {
  const before = await served.events();
  expect(await set(body)).toMatchObject({ status, body: { code } });
  expect(await served.events()).toBe(before);
});

it('a name that there is not is refused with the nearest, and a project with those there are', async () => {
  const unknown = await set(off, 'stagingRuner');
  expect(unknown).toMatchObject({ status: 404, body: { code: 'unknown-switch' } });
  expect(unknown.body['detail']).toContain('did you mean stagingRunner?');
  expect(await set(off, 'stagingRunner', 'wbe')).toMatchObject({ status: 404, body: { code: 'unknown-project' } });
});
