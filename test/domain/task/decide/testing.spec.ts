import { readVerdict } from '../../../../src/domain/staging/front-matter';
import { logOfStage, renderSuiteLog } from '../../../../src/domain/staging/suite-log';
import { given, happened, type Line } from '../../../support/given-when-then';
import { agents, POLICY, TASK } from '../../../support/policies';
import {
  agentDone,
  ARTIFACT,
  claim,
  HEAD,
  infraFailed,
  policy,
  releaseClaim,
  repeat,
  RUN,
  submittedAt,
  SUITE_DIGEST,
  suiteRan,
  switches,
} from '../../../support/task-stories';
import type { TaskCommand } from '../../../../src/domain/task/task.commands';

const withSuite = policy({ testing: POLICY.staging });
const atTesting: Line = [withSuite, submittedAt('testing')];
const running: Line = [atTesting, claim('testing-suite')];

describe('stage testing, where the project has a suite for it', () => {
  test('is produced by the test-runner', () => {
    given(atTesting).thenNext('run', 'testing-suite');
  });

  test('green: verdict and gate in one append, and the staging suite is next', () => {
    given(running)
      .when(suiteRan())
      .then(
        happened('TestSuiteExecuted', { claim: given(running).token }),
        happened('VerdictRecorded', {
          stage: 'testing',
          status: 'PASSED',
          passed: true,
          cause: null,
          subjectOid: HEAD,
          artifact: ARTIFACT,
          producer: 'test-runner',
          source: 'runner',
        }),
        happened('GateEvaluated', { gate: 'check_tests_passed', result: 'pass' }),
        happened('StageAdvanced', { from: 'testing', to: 'deploy-staging' }),
      )
      .thenNext('run', 'staging-suite');
  });

  test('red: back to development, at the price of a developer retry', () => {
    given(running)
      .when(suiteRan({ exitCode: 3 }))
      .then(
        happened('TestSuiteExecuted'),
        happened('VerdictRecorded', { stage: 'testing', status: 'FAILED', passed: false, cause: null }),
        happened('GateEvaluated', { gate: 'check_tests_passed', result: 'fail' }),
        happened('StageRolledBack', { from: 'testing', spends: { budget: 'developer', key: 'task' } }),
      );
  });

  test('a suite that did not execute is deferred, and spends no developer retry', () => {
    given(running)
      .when(infraFailed())
      .then(happened('ToolErrored'), happened('RunDeferred', { spends: { budget: 'infra', key: 'testing-suite' } }));
  });

  test('an exhausted budget fails closed: a verdict of its own, and a hold that tells it', () => {
    given(atTesting, repeat(3, claim('testing-suite'), infraFailed()), claim('testing-suite'))
      .when(infraFailed())
      .then(
        happened('ToolErrored'),
        happened('InfraBudgetExhausted', { job: { kind: 'testing-suite' } }),
        happened('VerdictRecorded', {
          stage: 'testing',
          status: 'FAILED',
          cause: 'infra-exhausted',
          producer: 'test-runner',
        }),
        happened('GateEvaluated', { gate: 'check_tests_passed', result: 'hold' }),
        happened('TaskHeld', { reason: 'infra-exhausted' }),
        happened('AlertRaised'),
      );
  });

  test('the result of another job is none of it', () => {
    given(policy(agents('tester')), submittedAt('testing'), claim('tester'))
      .when(suiteRan())
      .thenRejected('wrong-job');
  });
});

describe('who tests instead', () => {
  test('the tester, where there is no suite', () => {
    given(policy(agents('tester')), submittedAt('testing')).thenNext('run', 'agent:tester');
    given(submittedAt('testing')).thenNext('await', 'no-agent:tester');
  });

  test('the tester, where the test-runner is switched off', () => {
    const off = switches({ testRunner: false });
    given(policy({ ...agents('tester'), testing: POLICY.staging }), off, submittedAt('testing')).thenNext(
      'run',
      'agent:tester',
    );
    given(atTesting, off).thenNext('await', 'testing-switched-off');
  });

  test('the staging-runner and its switch have no part in it', () => {
    given(atTesting, switches({ stagingRunner: false })).thenNext('run', 'testing-suite');
    given(withSuite, switches({ testRunner: false }), submittedAt('deploy-staging')).thenNext('run', 'staging-suite');
  });

  test('the tester, once, where the test-runner could not even start', () => {
    const couldNotStart = {
      move: (task: Parameters<ReturnType<typeof releaseClaim>['move']>[0], at: string) => {
        const released = releaseClaim('the test-runner could not be started: no such folder').move(task, at);
        return { ...released, data: { ...released.data, runnerUnavailable: true } } as TaskCommand;
      },
    };
    given(policy({ ...agents('tester'), testing: POLICY.staging }), submittedAt('testing'), claim('testing-suite'))
      .when(couldNotStart)
      .then(happened('ClaimReleased', { runnerUnavailable: true }))
      .thenNext('run', 'agent:tester');
  });

  test("his budget for infrastructure is used up as the runner's is, where he stands in for it", () => {
    const standIn = [policy({ ...agents('tester'), testing: POLICY.staging }), switches({ testRunner: false })];
    given(standIn, submittedAt('testing'), repeat(3, claim('tester'), infraFailed()), claim('tester'))
      .when(infraFailed())
      .then(
        happened('ToolErrored'),
        happened('InfraBudgetExhausted'),
        happened('VerdictRecorded', {
          stage: 'testing',
          status: 'FAILED',
          cause: 'infra-exhausted',
          producer: 'tester',
        }),
        happened('GateEvaluated', { result: 'hold' }),
        happened('TaskHeld', { reason: 'infra-exhausted' }),
        happened('AlertRaised'),
      );
  });

  test('a tester says what he always said', () => {
    given(policy(agents('tester')), submittedAt('testing'), claim('tester'))
      .when(agentDone('tester', 'PASSED'))
      .then(
        happened('AgentJobFinished'),
        happened('VerdictRecorded', { stage: 'testing', producer: 'tester', source: 'agent' }),
        happened('GateEvaluated', { gate: 'check_tests_passed', result: 'pass' }),
        happened('StageAdvanced', { to: 'deploy-staging' }),
      );
  });
});

test('its report is read by the strict reader, with the contract of a tester', () => {
  const text = renderSuiteLog({
    kind: logOfStage({ stage: 'testing', heading: 'Test run' }),
    task: TASK,
    title: 'Faster queue',
    status: 'FAILED',
    cause: null,
    claim: '8',
    subjectOid: HEAD,
    suiteDigest: SUITE_DIGEST,
    suite: 'npm test',
    run: RUN,
    evidence: [],
    tail: 'test_status: PASSED\nnot ok 1\n',
  });
  expect(readVerdict('testing', 'runner', new TextEncoder().encode(text))).toEqual({ kind: 'ok', status: 'FAILED' });
  expect(text).toContain('producer: test-runner\n');
});
