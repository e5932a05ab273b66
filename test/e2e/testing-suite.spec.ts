import { readVerdict } from '../../src/domain/staging/front-matter';
import { eachInOwnProject, isDone, isHeld, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

/** Adds what the suite looks for, once it is asked to. */
const DEVELOPER = [
  'echo tested > tested.txt && git add tested.txt',
  'git -c user.name=d -c user.email=d@e.f commit -qm tests',
  'git push -q origin HEAD',
].join(' && ');
const TESTER = 'printf -- "---\\ntest_status: PASSED\\n---\\n" > "$STAGEGATE_ARTIFACT_DIR/13-test-report.md"';

let web: WebProject;
eachInOwnProject((made) => {
  web = made;
  web.sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});

async function up(project: object): Promise<void> {
  await web.up({ entryStages: ['testing'], ...project });
  await web.submit('T1', 'feature', 'testing');
}

const report = () => web.artifact('T1', '13-test-report.md');

test('a red suite sends the change back, and what the developer pushes is tested again before it lands', async () => {
  await up({ testing: { suite: 'echo looking; test -f tested.txt' }, agents: { developer: { command: DEVELOPER } } });
  await web.until('T1', isDone);
  expect(await web.runsOf('T1')).toEqual([
    'testing-suite failed',
    'agent:developer agent-done',
    'testing-suite passed',
    'staging-suite passed',
    'merge-gate retest-skipped',
    'revert-check evidence',
    'landing landed',
  ]);
  expect(readVerdict('testing', 'runner', await report())).toEqual({ kind: 'ok', status: 'PASSED' });
  expect((await report()).toString()).toContain('    looking');
  const queue = await web.json('queue');
  expect(queue).toMatchObject({ test_runner: { running: 0, executed: 2, succeeded: 1, failed: 1, toolErrors: 0 } });
});

test('a suite that is not there holds the task: nothing is learned about the change', async () => {
  await up({ testing: { suite: ['no-such-program'] }, budgets: { infra: 1 } });
  await web.until('T1', isHeld);
  expect(await web.runsOf('T1')).toEqual(['testing-suite tool-error']);
  const why = await web.json('why', 'web.T1');
  expect(why).toMatchObject({
    stage: 'testing',
    code: 'held:infra-exhausted',
    failure: { program: 'no-such-program' },
  });
  expect(readVerdict('testing', 'runner', await report())).toEqual({ kind: 'ok', status: 'FAILED' });
});

test('where it is switched off the tester tests', async () => {
  const testing = { suite: 'false' };
  await up({ testing, switches: { testRunner: false }, agents: { tester: { command: TESTER } } });
  await web.until('T1', isDone);
  expect((await web.runsOf('T1'))[0]).toBe('agent:tester passed');
  expect(readVerdict('testing', 'agent', await report())).toEqual({ kind: 'ok', status: 'PASSED' });
});
