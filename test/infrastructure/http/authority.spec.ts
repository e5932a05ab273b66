import { OPERATIONS } from '../../../src/application/requests';
import { COMMAND_HANDLERS, Order } from '../../../src/application/bus/operate.command';
import { LOCAL, operator, type Principal } from '../../../src/domain/authority/principal';
import { routes } from '../../support/routes';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

/** Valid, so that nothing but the caller is in the way; a new route that changes anything needs one. */
const ASKED: Readonly<Record<string, { readonly paths: readonly string[]; readonly body: object }>> = {
  '/v1/tasks': { paths: ['/v1/tasks'], body: { project: 'web', id: 'T2', branch: 'feature' } },
  '/v1/tasks/:id/:operation': { paths: OPERATIONS.map((name) => `/v1/tasks/web.T1/${name}`), body: {} },
  '/v1/tasks/:id/priority': { paths: ['/v1/tasks/web.T1/priority'], body: { priority: 7 } },
};
const CHANGING = routes().filter(({ method }) => method !== 'GET');

describe('routes that change anything', () => {
  const sample = new SampleRepository();
  let caller: Principal = LOCAL;
  let served: ServedCore;

  beforeAll(async () => {
    sample.push('feature', { 'a.txt': 'a\n' }, 'main');
    served = await ServedCore.start(sample.dir, null, {}, () => caller);
    expect((await post('/v1/tasks', { project: 'web', id: 'T1', branch: 'feature' })).status).toBe(201);
  });
  afterAll(async () => {
    await served.stop();
    sample.dispose();
  });

  const post = (path: string, body: object) =>
    fetch(served.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it.each(CHANGING)('$method $path is refused to whoever lacks the right, and stores nothing', async ({ path }) => {
    caller = { ...operator('eve'), rights: [] };
    const before = await served.events();
    for (const asked of ASKED[path]?.paths ?? []) {
      const answer = await post(asked, ASKED[path]?.body ?? {});
      expect([asked, answer.status, await answer.json()]).toEqual([
        asked,
        403,
        expect.objectContaining({ code: 'not-allowed' }),
      ]);
    }
    expect(ASKED[path]?.paths).not.toHaveLength(0);
    expect(await served.events()).toBe(before);
  });

  it('events name the caller that the service knows, and a body that names one is refused', async () => {
    caller = operator('bea');
    expect((await post('/v1/tasks/web.T1/hold', { by: 'ann' })).status).toBe(400);
    expect((await post('/v1/tasks/web.T1/hold', {})).status).toBe(200);
    const { items } = (await (await fetch(`${served.url}/v1/tasks/web.T1/events`)).json()) as {
      items: readonly { type: string; actor: string; data: object }[];
    };
    expect(items.at(-1)).toMatchObject({ type: 'TaskHeld', actor: 'bea', data: { by: 'bea' } });
    expect(items[0]).toMatchObject({ type: 'TaskSubmitted', data: { submittedBy: 'local' } });
  });
});

it('every command of the bus says for whom', () => {
  const commands = COMMAND_HANDLERS.map(
    (handler) => Reflect.getMetadata('__commandHandler__', handler) as typeof Order,
  );
  expect(commands.filter((command) => !(command.prototype instanceof Order))).toEqual([]);
  expect(commands).toHaveLength(COMMAND_HANDLERS.length);
});
