import { join } from 'node:path';
import { readFrontMatter, RETEST_KEYS } from '../../src/domain/staging/front-matter';
import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, type Shown, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

const TEST =
  "const { test } = require('node:test');\ntest('adds', () => require('./a.js'));\ntest('again', () => {});\n";
let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
  sample.commit('main', { 'a.js': 'module.exports = 1;\n', 'a.test.js': TEST });
});

async function untilAtRest(): Promise<Shown> {
  await web.until('T1', ({ stage, status }) => stage === 'done' || ['held', 'blocked'].includes(status));
  return web.show('T1');
}

async function landed(suite: string, project: object = {}): Promise<Shown> {
  await web.up({ staging: { suite }, ...project });
  await web.submit('T1', 'feature');
  return untilAtRest();
}

const runOf = ({ events }: Shown, type: string) =>
  events.findLast((event) => event.type === type)?.data as { run: object };

test('a branch that deletes the only test file and breaks the code does not land by a run of no tests', async () => {
  sample.commit('feature', { 'a.js': 'x(\n', 'a.test.js': null }, 'main');
  const held = await landed('node --test');
  expect(held.entry).toMatchObject({ stage: 'deploy-staging', status: 'held', why: { code: 'held:not-executed' } });
  expect(held.entry.why.text).toContain('the suite ended without having run a test');
  expect(runOf(held, 'StagingSuiteExecuted').run).toMatchObject({
    exitCode: 0,
    tests: { executed: 0, passed: 0, failed: 0, skipped: 0, how: 'text', isClaimed: true },
  });
  const types = held.events.map(({ type }) => type);
  for (const infra of ['ToolErrored', 'RunDeferred', 'InfraBudgetExhausted', 'StageRolledBack', 'TaskLanded'])
    expect(types).not.toContain(infra);
  const alerts = held.events.filter(({ type }) => type === 'AlertRaised').map(({ data }) => String(data['title']));
  expect(alerts).toEqual(['Task web.T1 needs a person: not-executed']);
  const why = (await web.run('why', 'web.T1')).stdout;
  for (const part of ['0 executed', 'bring the tests back', 'stagegate override web.T1 check_staging_status'])
    expect(why).toContain(part);
  expect((await web.artifact('T1', '15-staging-log.md')).toString()).toMatch(
    /^---\nstaging_status: FAILED\n[^]*cause: not-executed\n[^]*- tests: 0 executed/,
  );
  expect(await web.json('queue')).toMatchObject({
    staging_runner: { executed: 1, testsClaimed: 1, notExecuted: 1, failed: 0 },
  });

  const gate = ['override', 'web.T1', 'check_staging_status', '--reason', 'the tests moved to another repository'];
  expect(await web.run(...gate)).toMatchObject({ code: 0 });
  const done = await untilAtRest();
  expect(done.entry.stage).toBe('done');
  expect(runOf(done, 'RetestFinished')).toMatchObject({ outcome: 'not-executed' });
  const retest = readFrontMatter(RETEST_KEYS, await web.artifact('T1', '15-retest-log.md'));
  expect(retest).toMatchObject({ kind: 'ok', values: { retest_status: 'FAILED', cause: 'not-executed' } });
});

test('a commit that brings the tests back lands once a person has said go on', async () => {
  sample.commit('feature', { 'a.test.js': null }, 'main');
  expect((await landed('node --test')).entry.status).toBe('held');
  sample.commit('feature', { 'a.test.js': TEST, 'b.js': '' });
  await web.until('T1', ({ stage }) => stage === 'development');
  expect(await web.run('release', 'web.T1', '--reason', 'the tests are back')).toMatchObject({ code: 0 });
  const done = await untilAtRest();
  expect(done.entry.stage).toBe('done');
  expect(runOf(done, 'StagingSuiteExecuted').run).toMatchObject({
    tests: { executed: 2, passed: 2 },
  });
});

test('a red whose exit code is lost in a pipe is no green', async () => {
  sample.commit('feature', { 'a.js': 'x(\n' }, 'main');
  const held = await landed('node --test | cat');
  expect(held.entry).toMatchObject({ status: 'held', why: { code: 'held:inconclusive' } });
  expect(held.entry.why.text).toContain('the suite ended with 0, and what it printed or left says that tests failed');
  expect((await web.run('why', 'web.T1')).stdout).toContain('a pipe such as `npm test | tee log` hides the exit code');
  expect(await web.json('flakes', '--project', 'web')).toMatchObject({ items: [] });
});

test('a closing line that the code under test prints is told as claimed', async () => {
  const forged = 'echo "# tests 500"; echo "# pass 500"\n';
  sample.commit('feature', { 'a.test.js': null, 'forge.sh': forged }, 'main');
  const shown = await landed('sh forge.sh; node --test');
  expect(runOf(shown, 'StagingSuiteExecuted').run).toMatchObject({
    tests: { executed: 500, isClaimed: true, how: 'text' },
  });
  expect((await web.run('show', 'web.T1')).stdout).toContain('as its output claims');
});

test('with `minTests: 0` the count decides nothing', async () => {
  sample.commit('feature', { 'a.test.js': null }, 'main');
  expect((await landed('node --test', { staging: { suite: 'node --test', minTests: 0 } })).entry.stage).toBe('done');
});

describe('where the project demands a report', () => {
  const suite =
    'node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=out/r.xml';
  const staging = { suite: `mkdir -p out; sh forge.sh; ${suite}`, witness: { junit: 'out/*.xml' }, minTests: 2 };

  test('it is what counts, whatever the output claims, and an old one is none', async () => {
    const forged = 'echo "# tests 500"; echo "# pass 500"; echo "# fail 3"\n';
    sample.commit(
      'feature',
      { 'forge.sh': forged, 'out/r.xml': '<testsuite><testcase name="old"/></testsuite>' },
      'main',
    );
    const done = await landed('', { staging });
    expect(done.entry.stage).toBe('done');
    const { tests } = runOf(done, 'StagingSuiteExecuted').run as { tests: object };
    expect(tests).toMatchObject({ executed: 2, passed: 2, failed: 0, how: 'junit', rules: ['junit-xml@1'] });
    expect(tests).not.toHaveProperty('isClaimed');
    expect(await web.json('queue')).toMatchObject({ staging_runner: { testsWitnessed: 1, testsClaimed: 0 } });
  });

  test('a closing line that the branch prints takes the place of none', async () => {
    sample.commit(
      'feature',
      { 'forge.sh': 'echo "# tests 500"; echo "# pass 500"; exit 0\n', 'a.test.js': null },
      'main',
    );
    const held = await landed('', { staging: { ...staging, suite: 'sh forge.sh' } });
    expect(held.entry).toMatchObject({ status: 'held', why: { code: 'held:not-executed' } });
    expect(held.entry.why.text).toContain('the suite left no report of its tests, which the project demands');
  });
});

test('a change that no longer runs tests of main is held with their names, and lands when a person lets it', async () => {
  const tests = (...names: readonly string[]) =>
    `const { test } = require('node:test');\n${names.map((name) => `test('${name}', () => {});\n`).join('')}`;
  const all = Array.from({ length: 8 }, (_, at) => `test ${at}`);
  const suite = 'mkdir -p out; node --test --test-reporter=junit --test-reporter-destination=out/r.xml';
  sample.commit('feature', { 'a.test.js': tests(...all) }, 'main');
  expect((await landed('', { staging: { suite, witness: { junit: 'out/r.xml' } } })).entry.stage).toBe('done');
  sample.git(['fetch', '--quiet', '--all']);
  sample.commit('less', { 'a.test.js': tests('test 0', 'test 1') }, 'feature');
  await web.submit('T2', 'less');
  await web.until('T2', ({ status }) => status === 'held');
  const held = await web.show('T2');
  expect(held.entry.why).toMatchObject({ code: 'held:not-executed' });
  expect(held.entry.why.text).toContain('the change no longer runs tests that main runs');
  const { compared } = runOf(held, 'StagingSuiteExecuted').run as { compared: object };
  expect(compared).toMatchObject({ before: 8, vanished: 6, newlySkipped: 0 });
  expect((await web.artifact('T2', '15-staging-log.md')).toString()).toContain('gone: test > test 7');
  const gate = ['override', 'web.T2', 'check_staging_status', '--reason', 'they tested what is gone'];
  expect(await web.run(...gate)).toMatchObject({ code: 0 });
  await web.until('T2', ({ stage }) => stage === 'done');
});

test('a suite that runs nothing any more is held, and once a person has let it land, main is like that', async () => {
  const suite = (command: string) => JSON.stringify({ scripts: { test: command } });
  sample.commit('feature', { 'package.json': suite('node --test') }, 'main');
  expect((await landed('npm test --silent')).entry.stage).toBe('done');
  sample.git(['fetch', '--quiet', '--all']);
  sample.commit('none', { 'package.json': suite('true') }, 'feature');
  await web.submit('T2', 'none');
  await web.until('T2', ({ status, stage }) => status === 'held' || stage === 'done');
  const held = await web.show('T2');
  expect(held.entry.why).toMatchObject({ code: 'held:not-executed' });
  const why = (await web.run('why', 'web.T2')).stdout;
  expect(why).toMatch(/nothing that it left says that a test ran; main's run \S+ executed 2/);
  const gate = ['override', 'web.T2', 'check_staging_status', '--reason', 'they have a pipeline of their own'];
  expect(await web.run(...gate)).toMatchObject({ code: 0 });
  await web.until('T2', ({ stage }) => stage === 'done');
  sample.git(['fetch', '--quiet', '--all']);
  sample.commit('next', { 'b.js': '' }, 'none');
  await web.submit('T3', 'next');
  await web.until('T3', ({ status, stage }) => status === 'held' || stage === 'done');
  expect((await web.show('T3')).entry.stage).toBe('done');
});

test('a test of chance that a report names stands in the flake ledger', async () => {
  const runs = join(sample.root, 'runs');
  const report = (inner: string) =>
    `echo '<testsuite><testcase classname="Web" name="steady"/><testcase classname="Web" name="chance">${inner}</testcase></testsuite>' > out/r.xml`;
  const suite = `mkdir -p out; if [ -e ${runs} ]; then ${report('')}; else touch ${runs}; ${report('<failure/>')}; exit 1; fi`;
  sample.commit('feature', { 'b.js': '' }, 'main');
  const held = await landed('true', { retest: { suite, witness: { junit: 'out/r.xml' } } });
  expect(held.entry.why.code).toBe('held:inconclusive');
  expect(await web.json('flakes', '--project', 'web')).toMatchObject({
    items: [{ times: 1, tests: [{ name: 'Web > chance', times: 1 }] }],
  });
  expect((await web.run('flakes')).stdout).toContain('Web > chance');
});
