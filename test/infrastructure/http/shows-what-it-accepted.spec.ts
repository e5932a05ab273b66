import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { firstValueFrom, of } from 'rxjs';
import { ShowsWhatItAccepted } from '../../../src/infrastructure/http/shows-what-it-accepted';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';

jest.setTimeout(60_000);

let ground: SampleAndLogs;
beforeAll(async () => {
  ground = await startSampleAndLogs();
});
afterAll(() => ground.stop());

const post = async (url: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([answer.ok, await answer.json()]).toEqual([true, expect.anything()]);
};

it.each(['embedded', 'PostgreSQL'] as const)('what was accepted is what is read next: %s', async (kind) => {
  const served = await ground.serve(kind);
  const task = `${served.url}/v1/tasks/web.T1`;
  await post(`${served.url}/v1/tasks`, { project: 'web', id: 'T1', branch: 'feature' });
  for (let round = 0; round < 20; round += 1) {
    const priority = round % 2 === 0 ? 1 : 2;
    await post(`${task}/priority`, { priority });
    expect([round, await (await fetch(task)).json()]).toMatchObject([round, { entry: { priority } }]);
  }
  await served.stop();
});

it.each([
  ['fail', () => Promise.reject(new Error('the database is gone'))],
  ['hang', () => new Promise<never>(() => undefined)],
])('read models that %s hold up no answer', async (_how, catchUp) => {
  const interceptor = new ShowsWhatItAccepted({ catchUp }, new SystemClock(), 20);
  const context = { switchToHttp: () => ({ getRequest: () => ({ method: 'POST' }) }) } as unknown as ExecutionContext;
  const next: CallHandler = { handle: () => of('accepted') };
  expect(await firstValueFrom(interceptor.intercept(context, next))).toBe('accepted');
});
