import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

jest.setTimeout(60_000);

const sample = new SampleRepository();
let served: ServedCore;

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  served = await ServedCore.start(sample.dir, null);
  await post('/v1/tasks', { project: 'web', branch: 'feature', id: 'T1' });
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});

interface Problem {
  readonly code: string;
  readonly instance?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

async function post(path: string, body: object): Promise<Problem> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(served.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as Problem;
}

test('every member that does not fit is named by a pointer', async () => {
  const { code, instance, errors } = await post('/v1/tasks', {
    project: 7,
    branch: 'feature',
    priority: 10,
    'a/b~c': 1,
  });
  expect([code, instance]).toEqual(['bad-request', '/v1/tasks']);
  expect([...(errors ?? [])].sort((a, b) => (a.pointer < b.pointer ? -1 : 1))).toEqual([
    { pointer: '#/a~1b~0c', detail: 'property a/b~c should not exist' },
    { pointer: '#/priority', detail: expect.stringMatching(/^priority: expected /) as string },
    { pointer: '#/project', detail: expect.stringMatching(/^project: expected /) as string },
  ]);
});

test('one that is refused by what it means is named too', async () => {
  const body = { gate: 'check_ci_green', name: ' ', result: 'success' };
  const { code, errors } = await post('/v1/tasks/web.T1/evidence', body);
  expect([code, errors]).toEqual([
    'invalid-check',
    [{ pointer: '#/name', detail: expect.stringMatching(/^name: expected /) as string }],
  ]);
});

test('what is wrong with no member has no pointer, and says where it was asked, without the query', async () => {
  expect(await post('/v1/tasks/web.none/hold', {})).toMatchObject({
    code: 'unknown-task',
    instance: '/v1/tasks/web.none/hold',
  });
  const answer = (await (await fetch(`${served.url}/v1/tasks?limit=0`)).json()) as Problem;
  expect(answer).toMatchObject({ code: 'invalid-limit', instance: '/v1/tasks' });
  expect(answer.errors).toBeUndefined();
});

test('secrets and what would steer a terminal are not repeated, and a body of many faults is refused by some', async () => {
  const token = `sgt_${'0123456789abcdef'.repeat(4)}`;
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, 1]));
  expect((await post('/v1/tasks', many)).errors).toHaveLength(20);
  const { instance } = (await (await fetch(`${served.url}/v1/tasks/${token}`)).json()) as Problem;
  expect(instance).not.toContain(token);
  const { errors } = await post('/v1/tasks', { project: 'web', branch: 'feature', '\u001b[31m': 1 });
  expect(JSON.stringify(errors)).not.toContain('\\u001b');
});
