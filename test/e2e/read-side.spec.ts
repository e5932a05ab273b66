import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60_000);

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-read-side-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
const session = new CliSession();
let service: RunningService;
let url: string;

beforeAll(async () => {
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  service = await startService(env);
  ({ url } = service);
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  await session.run(['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'], env);
  while ((await get<{ finished: { done: number } }>('/queue')).finished.done === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(new URL(path, url))).json()) as T;
}

describe('rebuild', () => {
  it('replaces the tables of a service that runs, which goes on with the new ones', async () => {
    const { code, stdout } = await session.run(['rebuild', 'queue', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rebuilt: [{ projection: 'queue', generation: 2 }] });
    expect(await get('/queue')).toMatchObject({ finished: { done: 1 } });
  });

  it('of a projection that there is not is refused, and names those that there are', async () => {
    const { code, stderr } = await session.run(['rebuild', 'que'], env);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'stagegate: projection: expected one of queue, task, runs, reports, determinization, saw "que"\n',
    });
  });
});

it('readiness says how far the read models are behind', async () => {
  const ready = await get<{ read_models: { lag: { projection: string; events: number }[] } }>('/health/ready');
  expect(ready).toMatchObject({ status: 'ready', store: { kind: 'sqlite' }, read_models: { trouble: null } });
  expect(ready.read_models.lag.map(({ projection, events }) => [projection, events])).toEqual([
    ['queue', 0],
    ['task', 0],
    ['runs', 0],
    ['reports', 0],
    ['determinization', 0],
  ]);
});

it('why says when to expect more, or why that is not known', async () => {
  const why = lastJson(await session.run(['why', 'web.T1', '--json'], env)) as { expected: object };
  expect(why.expected).toMatchObject({ of: 'done', reason: 'nothing is left to wait for' });
  expect((await session.run(['why', 'web.T1'], env)).stdout).toMatch(/when +not known, nothing is left to wait for/);
});

describe('the queue of the past', () => {
  interface Queue {
    readonly at: string;
    readonly position: string;
    readonly finished: { readonly done: number };
    readonly stages: readonly { readonly stage: string; readonly tasks: readonly { readonly id: string }[] }[];
  }
  const openIn = ({ stages }: Queue) => stages.flatMap(({ tasks }) => tasks.map(({ id }) => id));

  it('is shown as of a position and as of an instant, by the service and by the command', async () => {
    const { items } = await get<{ items: { at: string; type: string }[] }>('/v1/tasks/web.T1/events');
    const claim = items.find(({ type }) => type === 'TransitionClaimed');
    const then = await get<Queue>(`/queue?at=${encodeURIComponent(claim?.at ?? '')}`);
    expect(then).toMatchObject({ at: claim?.at, finished: { done: 0 }, store: { lagEvents: 0 } });
    expect(openIn(then)).toEqual(['web.T1']);
    expect(openIn(await get<Queue>(`/queue?at=${then.position}`))).toEqual(['web.T1']);
    expect(lastJson(await session.run(['queue', '--at', then.position, '--json'], env))).toMatchObject({
      position: then.position,
      finished: { done: 0 },
    });
    const { stdout } = await session.run(['queue', '--at', claim?.at ?? ''], env);
    expect(stdout).toContain(`as of ${claim?.at}, position ${then.position}`);
  });

  it.each(['yesterday', '99999999', '2999-01-01T00:00:00Z'])('%s is refused in one line', async (at) => {
    const answer = await fetch(new URL(`/queue?at=${at}`, url));
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem.code).toBe('invalid-at');
    expect(problem.detail).toMatch(/^at: expected .* saw .*$/);
  });

  it('is refused by the command in one line too', async () => {
    const { code, stderr } = await session.run(['queue', '--at', 'yesterday'], env);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(/^stagegate: at: expected .* saw "yesterday"/);
  });

  it('is refused when it is asked for twice at once', async () => {
    expect((await fetch(new URL('/queue?at=1&at=2', url))).status).toBe(422);
  });
});
