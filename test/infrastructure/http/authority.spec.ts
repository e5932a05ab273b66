import { COMMAND_HANDLERS } from '../../../src/application/bus/command-handlers';
import { Order } from '../../../src/application/bus/operate.command';
import { LOCAL, operator, type Principal } from '../../../src/domain/authority/principal';
import { GUARDED, ordersOf } from '../../support/orders';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

describe('routes that change anything', () => {
  const sample = new SampleRepository();
  let caller: Principal = LOCAL;
  let served: ServedCore;

  beforeAll(async () => {
    sample.push('feature', { 'a.txt': 'a\n' }, 'main');
    served = await ServedCore.start(sample.dir, null, {}, () => Promise.resolve(caller));
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

  it.each(GUARDED)('$method $path is refused to whoever lacks the right, and stores nothing', async (route) => {
    caller = { ...operator('eve'), rights: [] };
    const before = await served.events();
    for (const { method, path, body, headers: own } of ordersOf(route)) {
      const headers = { 'content-type': 'application/json', ...own };
      const answer = await fetch(served.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        403,
        expect.objectContaining({ code: 'not-allowed' }),
      ]);
    }
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
