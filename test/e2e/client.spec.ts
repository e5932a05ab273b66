import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { dataOf, stagegateClient, StagegateError } from '../../src/client';
import { startService, type RunningService } from '../support/cli';
import { operatorFiles } from '../support/operator';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '../..');
const sample = new SampleRepository();
const folder = mkdtempSync(join(tmpdir(), 'stagegate-client-'));
let service: RunningService;
let client: ReturnType<typeof stagegateClient>;

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const file = join(folder, 'stagegate.yml');
  const web = { repo: sample.dir, entryStages: ['created'], staging: { suite: 'true', minIsolation: 'none' } };
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web } }));
  const stateDir = join(folder, 'state');
  service = await startService({ STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0' });
  const [own] = operatorFiles(stateDir);
  client = stagegateClient({ url: service.url, token: own?.token ?? '' });
});
afterAll(async () => {
  await service.stop();
  sample.dispose();
  rmSync(folder, { recursive: true });
});

it('submits, holds and shows a task, in types of the document', async () => {
  const body = { project: 'web', branch: 'feature', id: 'T1' };
  const { id } = await dataOf(client.POST('/v1/tasks', { body }));
  const params = { path: { id } };
  await dataOf(client.POST('/v1/tasks/{id}/{operation}', { params: { path: { id, operation: 'hold' } }, body: {} }));
  const { entry } = await dataOf(client.GET('/v1/tasks/{id}', { params }));
  expect(entry).toMatchObject({ id: 'web.T1', status: 'held' });
  const { items } = await dataOf(client.GET('/v1/tasks/{id}/events', { params }));
  expect(items.map(({ type }) => type)).toContain('TaskHeld');
});

it('throws what the service has refused, by its code', async () => {
  const refused = dataOf(client.GET('/v1/tasks/{id}', { params: { path: { id: 'web.none' } } }));
  await expect(refused).rejects.toThrow(StagegateError);
  await expect(refused).rejects.toMatchObject({ status: 404, problem: { code: 'unknown-task' } });
});

it('reaches the page that a problem names', async () => {
  const { error } = await client.GET('/v1/tasks/{id}', { params: { path: { id: 'web.none' } } });
  const page = await fetch(new URL(error?.type ?? '', service.url));
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(await page.text()).toBe('unknown-task (404)\n\nthere is no such task, or not in the projects of the token\n');
});

it('gives away the document that the package has', async () => {
  const answer = await fetch(`${service.url}/openapi.json`);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual(jest.requireActual(join(ROOT, 'openapi.json')));
});

it('is what the package exports, with its types', () => {
  const code = `console.log(typeof require('stagegate/client').stagegateClient, require.resolve('stagegate/client'))`;
  const said = execFileSync(process.execPath, ['-e', code], { cwd: ROOT, encoding: 'utf8' });
  expect(said).toBe(`function ${join(ROOT, 'dist/client/index.js')}\n`);
  expect(existsSync(join(ROOT, 'dist/client/index.d.ts'))).toBe(true);
});
