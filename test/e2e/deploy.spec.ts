import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFrontMatter, keysOf } from '../../src/domain/staging/front-matter';
import { until } from '../contract/support/until';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { processesWith } from '../support/processes-with';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(180_000);

const session = new CliSession();
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');
template.commit('other', { 'b.txt': 'b\n' }, 'main');
let sample: SampleRepository;
let env: Record<string, string>;
let service: RunningService | null = null;
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
});
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(env['STAGEGATE_STATE_DIR'] ?? '', { recursive: true, force: true });
  sample.dispose();
});
afterAll(async () => {
  template.dispose();
  await session.close();
});

/** @param deploy told the folder in which it may leave something. */
async function up(deploy: (left: string) => object, more: object = {}): Promise<string> {
  const left = join(sample.root, 'left');
  mkdirSync(left);
  const web = {
    repo: sample.dir,
    entryStages: ['deploy-staging'],
    staging: { suite: 'true' },
    backoff: { base: '50ms', max: '100ms' },
    deploy: deploy(left),
    ...more,
  };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web } }));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-deploy-'));
  env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', STAGEGATE_LOG_LEVEL: 'error' };
  service = await startService(env);
  return left;
}

async function submit(branch: string, id: string): Promise<void> {
  const args = ['submit', branch, '--project', 'web', '--id', id, '--start-stage', 'deploy-staging'];
  expect(await session.run(args, env)).toMatchObject({ code: 0 });
}

interface Why {
  readonly stage: string;
  readonly status: string;
  readonly code: string;
  readonly text: string;
  readonly do: string | null;
}

async function whyOf(id: string): Promise<Why> {
  return lastJson(await session.run(['why', `web.${id}`, '--json'], env)) as Why;
}

async function untilIs(id: string, what: (why: Why) => boolean): Promise<Why> {
  let seen = await whyOf(id);
  await until(`${id} is so`, async () => what((seen = await whyOf(id))), 120_000);
  return seen;
}

const isDone = ({ stage }: Why) => stage === 'done';
const isHeld = ({ status }: Why) => status === 'held';

async function answer(...args: readonly string[]): Promise<void> {
  expect(await session.run([...args, '--reason', 'seen'], env)).toMatchObject({ code: 0 });
}

async function typesOf(id: string): Promise<readonly string[]> {
  const { events } = lastJson(await session.run(['show', `web.${id}`, '--json'], env)) as {
    events: readonly { type: string }[];
  };
  return events.map(({ type }) => type);
}

const log = () => lastJsonOfQueue().then(({ deploy_finalizer }) => deploy_finalizer);
async function lastJsonOfQueue(): Promise<{ deploy_finalizer: object }> {
  return lastJson(await session.run(['queue', '--json'], env)) as { deploy_finalizer: object };
}

test('a landed commit is deployed once, in its own clone, with what the command is told', async () => {
  const left = await up((folder) => ({
    command: `git rev-parse HEAD main > ${folder}/commits; env | grep ^STAGEGATE_ | grep -v _RUN | sort > ${folder}/env; cat a.txt`,
  }));
  await submit('feature', 'T1');
  await untilIs('T1', isDone);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  expect(readFileSync(join(left, 'commits'), 'utf8')).toBe(`${main}\n${main}\n`);
  expect(readFileSync(join(left, 'env'), 'utf8')).toBe(
    `STAGEGATE_COMMIT=${main}\nSTAGEGATE_DEPLOY_PROJECT=web\nSTAGEGATE_TASK=web.T1\n`,
  );
  const path = join(env['STAGEGATE_STATE_DIR'] ?? '', 'artifacts/web/T1/16-deploy-log.md');
  await until('the artifact is there', async () => existsSync(path));
  const read = readFrontMatter(keysOf('deploy', 'runner'), readFileSync(path));
  expect(read).toMatchObject({
    kind: 'ok',
    values: { deploy_status: 'SUCCESS', subject_oid: main, exit_code: '0', producer: 'deploy-finalizer' },
  });
  expect(await log()).toMatchObject({ scope: ['web'], running: 0, begun: 1, succeeded: 1, failed: 0, interrupted: 0 });
});

test('a deploy that fails holds its task with one alert; retry runs it again, and main stays', async () => {
  const left = await up((folder) => ({ command: `echo once >> ${folder}/runs; echo no space; test -f ${folder}/ok` }));
  await submit('feature', 'T1');
  const held = await untilIs('T1', isHeld);
  expect(held).toMatchObject({ stage: 'deploy', code: 'held:gate' });
  expect(held.text).toContain('the deploy ended with FAILED');
  expect(held.do).toContain('stagegate retry web.T1');
  expect((await typesOf('T1')).filter((type) => type === 'AlertRaised')).toHaveLength(1);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  writeFileSync(join(left, 'ok'), '');
  await answer('retry', 'web.T1');
  await untilIs('T1', isDone);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\nonce\n');
  expect(sample.git(['rev-parse', 'main'], sample.dir)).toBe(main);
});

test('one that hangs is ended with all it started, and asked about', async () => {
  const left = await up((folder) => ({
    command: `echo once >> ${folder}/runs; (setsid sh -c ": ${folder}/daemon; sleep 600" &) ; sleep 600`,
    timeout: '2s',
    grace: '100ms',
  }));
  await submit('feature', 'T1');
  const held = await untilIs('T1', isHeld);
  expect(held.text).toMatch(/interrupted, and nobody knows how far it got.*the time was up/);
  expect(processesWith(`${left}/daemon`)).toEqual([]);
  await answer('release', 'web.T1');
  await untilIs('T1', isHeld);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\n');
  await answer('override', 'web.T1', 'check_deploy_status');
  await untilIs('T1', isDone);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\n');
});

test('what it leaves in the background is ended with it, and a flood of output is cut', async () => {
  const left = await up((folder) => ({
    command: `(setsid sh -c ": ${folder}/daemon; sleep 600" > /dev/null 2>&1 &); yes | head -c 30000000`,
  }));
  await submit('feature', 'T1');
  await untilIs('T1', isDone);
  expect(processesWith(`${left}/daemon`)).toEqual([]);
});

test('a program that is not there never began: infrastructure, with its budget', async () => {
  await up(() => ({ command: ['no-such-program'] }));
  await submit('feature', 'T1');
  expect(await untilIs('T1', isHeld)).toMatchObject({ stage: 'deploy', code: 'held:infra-exhausted' });
  expect(await typesOf('T1')).toEqual(expect.arrayContaining(['DeployBegun', 'DeployFinished', 'ToolErrored']));
  expect(await log()).toMatchObject({ toolErrors: 1, interrupted: 0 });
});

test('an older commit is never deployed over a newer one', async () => {
  const left = await up((folder) => ({ command: `echo $STAGEGATE_TASK >> ${folder}/runs; test -f ${folder}/ok` }));
  await submit('feature', 'T1');
  await untilIs('T1', isHeld);
  writeFileSync(join(left, 'ok'), '');
  await submit('other', 'T2');
  await untilIs('T2', isDone);
  await answer('retry', 'web.T1');
  const held = await untilIs('T1', ({ status, text }) => status === 'held' && text.includes('web.T2'));
  expect(held.do).toContain('stagegate override web.T1 check_deploy_status');
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('web.T1\nweb.T2\n');
});

test('switched off, a landed task waits for a person and goes on when it is on again', async () => {
  await up(() => ({ command: 'true' }), { switches: { deployFinalizer: false } });
  await submit('feature', 'T1');
  const waits = await untilIs('T1', ({ code }) => code === 'deploy-switched-off');
  expect(waits).toMatchObject({ status: 'blocked', stage: 'deploy' });
  await answer('switch', 'deployFinalizer', 'on', '--project', 'web');
  await untilIs('T1', isDone);
});
