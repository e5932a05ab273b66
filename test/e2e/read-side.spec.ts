import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, runCli, startCli, type RunningCli } from '../support/cli';
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
let service: RunningCli;
let url: string;

beforeAll(async () => {
  const staging = { suite: 'true', timeout: '60s', grace: '1s' };
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  service = startCli(['up', '--json'], env);
  [, url = ''] = await service.saw(/"url":"([^"]+)"/);
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  await runCli(['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'], env);
  while ((await get<{ finished: { done: number } }>('/queue')).finished.done === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
});
afterAll(async () => {
  service.child.kill('SIGTERM');
  await service.ended;
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(new URL(path, url))).json()) as T;
}

describe('rebuild', () => {
  it('replaces the tables of a service that runs, which goes on with the new ones', async () => {
    const { code, stdout } = await runCli(['rebuild', 'queue', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rebuilt: [{ projection: 'queue', generation: 2 }] });
    expect(await get('/queue')).toMatchObject({ finished: { done: 1 } });
    expect((await runCli(['rebuild'], env)).stdout.trim().split('\n')).toEqual(
      ['queue: generation 3', 'task: generation 2', 'runs:', 'lanes:', 'alerts:'].map(
        (start) => expect.stringContaining(start) as unknown,
      ),
    );
    expect(await get('/queue')).toMatchObject({ finished: { done: 1 } });
  });

  it('of a projection that there is not is refused, and names those that there are', async () => {
    const { code, stderr } = await runCli(['rebuild', 'que'], env);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'stagegate: projection: expected one of queue, task, runs, lanes, alerts, saw "que"\n',
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
    ['lanes', 0],
    ['alerts', 0],
  ]);
});

it('why says when to expect more, or why that is not known', async () => {
  const why = lastJson(await runCli(['why', 'web.T1', '--json'], env)) as { expected: object };
  expect(why.expected).toMatchObject({ of: 'done', reason: 'nothing is left to wait for' });
  expect((await runCli(['why', 'web.T1'], env)).stdout).toContain('when: not known, nothing is left to wait for');
});
