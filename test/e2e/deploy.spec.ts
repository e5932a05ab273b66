import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrontMatter, keysOf } from '../../src/domain/staging/front-matter';
import { CliSession } from '../support/cli-session';
import { processesWith } from '../support/processes-with';
import { SampleRepository } from '../support/sample-repository';
import { isDone, isHeld, WebProject } from '../support/web-project';

jest.setTimeout(180_000);

const session = new CliSession();
const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');
template.commit('other', { 'b.txt': 'b\n' }, 'main');
let web: WebProject;
let sample: SampleRepository;
let left: string;
beforeEach(() => {
  web = new WebProject(session, template);
  sample = web.sample;
  left = join(sample.root, 'left');
  mkdirSync(left);
});
afterEach(() => web.dispose());
afterAll(async () => {
  template.dispose();
  await session.close();
});

async function typesOf(id: string): Promise<readonly string[]> {
  return (await web.show(id)).events.map(({ type }) => type);
}

async function counted(): Promise<object> {
  return ((await web.json('queue')) as { deploy_finalizer: object }).deploy_finalizer;
}

test('a landed commit is deployed once, in its own clone, with what the command is told', async () => {
  await web.up({
    deploy: {
      command: `git rev-parse HEAD main > ${left}/commits; env | grep ^STAGEGATE_ | grep -v _RUN | sort > ${left}/env; cat a.txt`,
    },
  });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  expect(readFileSync(join(left, 'commits'), 'utf8')).toBe(`${main}\n${main}\n`);
  expect(readFileSync(join(left, 'env'), 'utf8')).toBe(
    `STAGEGATE_COMMIT=${main}\nSTAGEGATE_DEPLOY_PROJECT=web\nSTAGEGATE_TASK=web.T1\n`,
  );
  const read = readFrontMatter(keysOf('deploy', 'runner'), await web.artifact('T1', '16-deploy-log.md'));
  expect(read).toMatchObject({
    kind: 'ok',
    values: { deploy_status: 'SUCCESS', subject_oid: main, exit_code: '0', producer: 'deploy-finalizer' },
  });
  expect(await counted()).toMatchObject({
    scope: ['web'],
    running: 0,
    begun: 1,
    succeeded: 1,
    failed: 0,
    interrupted: 0,
  });
});

test('a deploy that fails holds its task with one alert; retry runs it again, and main stays', async () => {
  await web.up({ deploy: { command: `echo once >> ${left}/runs; echo no space; test -f ${left}/ok` } });
  await web.submit('T1', 'feature');
  const held = await web.until('T1', isHeld);
  expect(held).toMatchObject({ stage: 'deploy', code: 'held:gate' });
  expect(held.text).toContain('the deploy ended with FAILED');
  expect(held.do).toContain('stagegate retry web.T1');
  expect((await typesOf('T1')).filter((type) => type === 'AlertRaised')).toHaveLength(1);
  const main = sample.git(['rev-parse', 'main'], sample.dir);
  writeFileSync(join(left, 'ok'), '');
  await web.answer('retry', 'web.T1');
  await web.until('T1', isDone);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\nonce\n');
  expect(sample.git(['rev-parse', 'main'], sample.dir)).toBe(main);
});

test('one that hangs is ended with all it started, and asked about', async () => {
  await web.up({
    deploy: {
      command: `echo once >> ${left}/runs; (setsid sh -c ": ${left}/daemon; sleep 600" &) ; sleep 600`,
      timeout: '2s',
      grace: '100ms',
    },
  });
  await web.submit('T1', 'feature');
  const held = await web.until('T1', isHeld);
  expect(held.text).toMatch(/interrupted, and nobody knows how far it got.*the time was up/);
  expect(processesWith(`${left}/daemon`)).toEqual([]);
  await web.answer('release', 'web.T1');
  await web.until('T1', isHeld);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\n');
  await web.answer('override', 'web.T1', 'check_deploy_status');
  await web.until('T1', isDone);
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('once\n');
});

test('what it leaves in the background is ended with it, and a flood of output is cut', async () => {
  await web.up({
    deploy: {
      command: `(setsid sh -c ": ${left}/daemon; sleep 600" > /dev/null 2>&1 &); yes | head -c 30000000`,
    },
  });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
  expect(processesWith(`${left}/daemon`)).toEqual([]);
});

test('a program that is not there never began: infrastructure, with its budget', async () => {
  await web.up({ deploy: { command: ['no-such-program'] } });
  await web.submit('T1', 'feature');
  expect(await web.until('T1', isHeld)).toMatchObject({ stage: 'deploy', code: 'held:infra-exhausted' });
  expect(await typesOf('T1')).toEqual(expect.arrayContaining(['DeployBegun', 'DeployFinished', 'ToolErrored']));
  expect(await counted()).toMatchObject({ toolErrors: 1, interrupted: 0 });
});

test('an older commit is never deployed over a newer one', async () => {
  await web.up({ deploy: { command: `echo $STAGEGATE_TASK >> ${left}/runs; test -f ${left}/ok` } });
  await web.submit('T1', 'feature');
  await web.until('T1', isHeld);
  writeFileSync(join(left, 'ok'), '');
  await web.submit('T2', 'other');
  await web.until('T2', isDone);
  await web.answer('retry', 'web.T1');
  const held = await web.until('T1', ({ status, text }) => status === 'held' && text.includes('web.T2'));
  expect(held.do).toContain('stagegate override web.T1 check_deploy_status');
  expect(readFileSync(join(left, 'runs'), 'utf8')).toBe('web.T1\nweb.T2\n');
});

test('switched off, a landed task waits for a person and goes on when it is on again', async () => {
  await web.up({ deploy: { command: 'true' }, switches: { deployFinalizer: false } });
  await web.submit('T1', 'feature');
  const waits = await web.until('T1', ({ code }) => code === 'deploy-switched-off');
  expect(waits).toMatchObject({ status: 'blocked', stage: 'deploy' });
  await web.answer('switch', 'deployFinalizer', 'on', '--project', 'web');
  await web.until('T1', isDone);
});
