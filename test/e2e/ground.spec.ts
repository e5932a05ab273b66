import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../contract/support/until';
import { startService, type RunningService } from '../support/cli';
import { orderHeaders } from '../support/operator';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';
import { testWherePossible } from '../support/test-where-possible';

const LIMIT_MS = 180_000;
jest.setTimeout(LIMIT_MS);

const sample = new SampleRepository();
sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
let root: string;
let stateDir: string;
const services: RunningService[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-ground-'));
  stateDir = join(root, 'state');
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging: { suite: 'true' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  rmSync(root, { recursive: true, force: true });
});
afterAll(() => {
  sample.dispose();
});

async function start(more: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService({
    STAGEGATE_STATE_DIR: stateDir,
    STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
    STAGEGATE_PORT: '0',
    STAGEGATE_LOG_LEVEL: 'info',
    ...more,
  });
  services.push(service);
  const { origin } = new URL(service.url);
  return { ...service, url: origin };
}

async function ready({ url }: RunningService): Promise<{ status: number; code: string; detail: string }> {
  const answer = await fetch(`${url}/health/ready`);
  const { code = '', detail = '' } = (await answer.json()) as { code?: string; detail?: string };
  return { status: answer.status, code, detail };
}

const isReady = async (service: RunningService) => (await ready(service)).status === 200;
const isLive = async ({ url }: RunningService) => (await fetch(`${url}/health/live`)).ok;

test('a log that is moved away makes the service not ready, until it is moved back', async () => {
  const service = await start();
  const log = join(stateDir, 'events.db');
  renameSync(log, join(root, 'aside.db'));
  expect(await ready(service)).toMatchObject({ status: 503, code: 'LOG_FILE_GONE' });
  expect(await isLive(service)).toBe(true);
  await service.saw(/no new work is begun.*LOG_FILE_GONE|LOG_FILE_GONE.*no new work is begun/);
  renameSync(join(root, 'aside.db'), log);
  await until('it is ready again', () => isReady(service));
  await service.saw(/new work is begun again/);
});

test('something else in the place of the log asks for a restart, after which the service is ready', async () => {
  const service = await start();
  const log = join(stateDir, 'events.db');
  renameSync(log, join(root, 'aside.db'));
  copyFileSync(join(root, 'aside.db'), log);
  expect(await ready(service)).toMatchObject({
    status: 503,
    code: 'LOG_FILE_GONE',
    detail: expect.stringContaining('start again') as string,
  });
  services.splice(0);
  expect((await service.stop()).code).toBe(0);
  renameSync(join(root, 'aside.db'), log);
  expect(await isReady(await start())).toBe(true);
});

describe('with a log on PostgreSQL', () => {
  let logs: PostgresLogs;
  let url: string;
  beforeAll(async () => {
    logs = await startPostgresLogs();
  });
  beforeEach(async () => {
    url = logs.url(await logs.create());
  });
  afterAll(() => logs.stop());

  test('nothing is claimed while the state folder is gone, and what waits is when it is back', async () => {
    const service = await start({ STAGEGATE_EVENT_STORE_URL: url });
    const headers = orderHeaders(stateDir, service.url);
    renameSync(stateDir, join(root, 'aside'));
    expect(await ready(service)).toMatchObject({ status: 503, code: 'STATE_DIR_GONE' });
    const body = JSON.stringify({ project: 'web', branch: 'feature', id: 'T1', startStage: 'deploy-staging' });
    expect((await fetch(`${service.url}/v1/tasks`, { method: 'POST', headers, body })).status).toBe(201);
    await service.saw(/no new work is begun/);
    const backAt = new Date().toISOString();
    // Nobody has made another one meanwhile, which would be in the way.
    renameSync(join(root, 'aside'), stateDir);
    await until('the task has landed', async () => (await timeOf(service, 'TaskLanded')) !== '', 60_000);
    // Whoever claims something does so in the moment in which it is submitted.
    expect(await timeOf(service, 'TaskSubmitted')).toMatch(/^20/);
    expect((await timeOf(service, 'TransitionClaimed')) > backAt).toBe(true);
    expect(await isReady(service)).toBe(true);
  });

  test('a server that stands still, or is gone, makes it not ready in time; it is again by itself', async () => {
    const service = await start({ STAGEGATE_EVENT_STORE_URL: url });
    logs.server.freeze();
    try {
      expect(await ready(service)).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
      expect(await isLive(service)).toBe(true);
    } finally {
      logs.server.thaw();
    }
    await until('it is ready again', () => isReady(service), 60_000);
    await logs.server.kill();
    await until('it is not ready', async () => (await ready(service)).code === 'STORE_UNAVAILABLE', 60_000);
    await logs.server.start();
    await until('it is ready again', () => isReady(service), 60_000);
  });

  /** Of the first such event of the task; empty for none. */
  async function timeOf({ url }: RunningService, type: string): Promise<string> {
    const page = await fetch(`${url}/v1/events?task=web.T1&type=${type}&limit=1`);
    const { items } = (await page.json()) as { items: readonly { time: string }[] };
    return items[0]?.time ?? '';
  }
});

testWherePossible(
  process.getuid?.() === 0 ? null : 'only root may mount a small disk',
  'a full disk makes the service not ready, until there is space',
  async () => {
    const disk = join(root, 'disk');
    execFileSync('mkdir', [disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', disk]);
    try {
      stateDir = join(disk, 'state');
      const service = await start();
      expect(await isReady(service)).toBe(true);
      const ballast = join(disk, 'ballast');
      writeFileSync(ballast, Buffer.alloc(40 * 1024 * 1024));
      expect(await ready(service)).toMatchObject({ status: 503, code: 'DISK_FULL' });
      rmSync(ballast);
      expect(await isReady(service)).toBe(true);
      services.splice(0);
      await service.stop();
    } finally {
      execFileSync('umount', [disk]);
    }
  },
  LIMIT_MS,
);
