import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, isDone, isHeld, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

const SHOP = {
  'a.js': 'exports.total = (prices) => prices.reduce((sum, price) => sum + price, 0);\n',
  'test/a.test.js': [
    "const { total } = require('../a');",
    "require('node:test')('the total counts all', () => {",
    "  require('node:assert').equal(total([1, 2]), 3);",
    '});',
    '',
  ].join('\n'),
  CODEOWNERS: 'test/ @quality\n',
};
/** The fault, and the test that lets it pass. */
const REWRITTEN = {
  'a.js': 'exports.total = (prices) => prices[0];\n',
  'test/a.test.js': SHOP['test/a.test.js'].replace('3)', '1)'),
};
const SUITE = { suite: `"${process.execPath}" test/a.test.js` };
const GATE = 'check_tests_not_weakened';

let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
  sample.commit('main', SHOP);
});

/** What the last evidence of the gate says. */
async function evidenceOf(id: string): Promise<Record<string, unknown>> {
  const { events } = await web.show(id);
  const found = events.findLast(({ type, data }) => type === 'EvidenceRecorded' && data['gate'] === GATE);
  return (found?.data['evidence'] ?? {}) as Record<string, unknown>;
}

test('a change that rewrites its judge lands where nobody asks for main’s tests', async () => {
  sample.commit('feature', REWRITTEN, 'main');
  await web.up({ staging: SUITE });
  await web.submit('T1', 'feature');
  await web.until('T1', isDone);
});

test('and is held where somebody does, with both outputs, until a person waives it', async () => {
  sample.commit('feature', REWRITTEN, 'main');
  await web.up({ staging: SUITE, judge: {} });
  await web.submit('T1', 'feature');
  await web.until('T1', isHeld);
  const why = await web.why('T1');
  expect(why).toContain('the change rewrote its judge');
  expect(why).toContain('test/a.test.js');
  expect(why).toContain(`stagegate waive web.T1 ${GATE}`);
  const page = (await web.artifact('T1', '15-judge-report.md')).toString();
  expect(page).toContain('changed test/a.test.js (test; owners @quality)');
  expect(page).toMatch(/## Output with main's tests, last part[^]*1 == 3[^]*## Output with the tests of the branch/);
  expect(page).toContain('Nobody has reviewed the change.');
  expect(await evidenceOf('T1')).toMatchObject({ finding: 'rewritten', trial: { isKnown: false, runs: 2 } });

  // The same question: what is known of that tree is not found out again.
  await web.answer('retry', 'web.T1');
  await web.until('T1', isHeld);
  expect(await evidenceOf('T1')).toMatchObject({ finding: 'rewritten', trial: { isKnown: true, runs: 2 } });
  expect(await web.json('queue')).toMatchObject({ judge_gate: { held: 2, secondRuns: 1, spared: 1 } });

  expect(await web.run('waive', 'web.T1', GATE, '--reason', 'one price is enough', '--path', 'docs')).toMatchObject({
    code: expect.any(Number) as number,
  });
  expect(await web.json('why', 'web.T1')).toMatchObject({ status: 'held' });
  expect(await web.run('waive', 'web.T1', GATE, '--reason', 'one price is enough')).toMatchObject({ code: 0 });
  await web.until('T1', isDone);
});

test('tests that are changed honestly or added pass, the latter at no cost', async () => {
  sample.commit('changed', { 'test/a.test.js': SHOP['test/a.test.js'].replace('counts all', 'counts each') }, 'main');
  await web.up({ staging: SUITE, judge: {} });
  await web.submit('T1', 'changed');
  await web.until('T1', isDone);
  expect(await evidenceOf('T1')).toMatchObject({ finding: 'green', trial: { exitCode: 0, runs: 1 } });
  sample.commit('added', { 'test/b.test.js': SHOP['test/a.test.js'].replace('[1, 2]', '[1, 1, 1]') }, 'main');
  await web.submit('T2', 'added');
  await web.until('T2', isDone);
  expect(await evidenceOf('T2')).toMatchObject({ finding: 'added', trial: null });
  expect(await web.runsOf('T2')).toContain('judge-run evidence');
});

test('a second run that breaks is the machine’s, and one that is only to be noted does not take place', async () => {
  const slow = SHOP['test/a.test.js'].replace(
    '() => {',
    'async () => {\n  await new Promise((go) => setTimeout(go, 9_000));',
  );
  sample.commit('main', { 'test/a.test.js': slow });
  sample.commit('feature', { 'test/a.test.js': SHOP['test/a.test.js'] }, 'main');
  await web.up({ staging: SUITE, judge: { timeout: '1s' }, budgets: { infra: 0 } });
  await web.submit('T1', 'feature');
  await web.until('T1', isHeld);
  expect(await web.json('why', 'web.T1')).toMatchObject({
    code: 'held:infra-exhausted',
    failure: { reason: expect.stringMatching(/^timeout/) as string },
  });
  await web.stop();
  await web.up({ staging: SUITE, judge: { run: 'note' } });
  await web.answer('release', 'web.T1');
  await web.until('T1', isDone);
  expect(await evidenceOf('T1')).toMatchObject({ finding: 'noted', trial: null, fileCount: 1 });
});
