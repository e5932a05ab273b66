import { exitCodeToStatus } from '../../../../src/domain/staging/exit-code-to-status';
import { given, happened } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  ARTIFACT,
  BASE,
  claim,
  ENVIRONMENT_DIGEST,
  forgery,
  HEAD,
  hold,
  NEW_HEAD,
  observeHead,
  policy,
  release,
  repeat,
  retry,
  stagedGreen,
  submittedForStaging,
  SUITE_DIGEST,
  suiteRan,
  switches,
  TREE,
  unclassified,
} from '../../../support/task-stories';

const running = [submittedForStaging, claim('staging-suite')];

describe('an exit code', () => {
  test('0 is SUCCESS', () => {
    expect(exitCodeToStatus('deploy-staging', 0)).toEqual({ status: 'SUCCESS', passed: true });
  });

  test('everything else is FAILED', () => {
    const others = [...Array.from({ length: 255 }, (_, index) => index + 1), -1, 256, NaN, Infinity];
    const statuses = others.map((code) => exitCodeToStatus('deploy-staging', code));
    expect(statuses.filter(({ status, passed }) => status !== 'FAILED' || passed)).toEqual([]);
  });
});

describe('a staging suite that executed', () => {
  test('green: verdict and gate in one append, and the merge gate is next', () => {
    given(running)
      .when(suiteRan())
      .then(
        happened('StagingSuiteExecuted', { claim: given(running).token }),
        happened('VerdictRecorded', {
          stage: 'deploy-staging',
          status: 'SUCCESS',
          passed: true,
          cause: null,
          runId: 'run-of-ann',
          claim: given(running).token,
          subjectOid: HEAD,
          treeOid: TREE,
          baseOid: BASE,
          suiteDigest: SUITE_DIGEST,
          environmentDigest: ENVIRONMENT_DIGEST,
          artifact: ARTIFACT,
          producer: 'staging-runner',
          source: 'runner',
        }),
        happened('GateEvaluated', {
          gate: 'check_staging_status',
          rule: 'check_staging_status',
          ruleVersion: 1,
          result: 'pass',
          reason: null,
          evidence: {
            verdict: '10',
            status: 'SUCCESS',
            runId: 'run-of-ann',
            subjectOid: HEAD,
            artifactDigest: ARTIFACT.digest,
            source: 'runner',
          },
        }),
      )
      .thenTask({ claim: null, stage: 'deploy-staging', spent: {} })
      .thenNext('run', 'merge-gate');
  });

  test.each([1, 2, 125, 137, 255])('exit code %d: back to development for one developer retry', (exitCode) => {
    given(running)
      .when(suiteRan({ exitCode }))
      .then(
        'StagingSuiteExecuted',
        happened('VerdictRecorded', { status: 'FAILED', passed: false, cause: null }),
        happened('GateEvaluated', { gate: 'check_staging_status', result: 'fail', reason: 'red' }),
        happened('StageRolledBack', {
          from: 'deploy-staging',
          to: 'development',
          reason: 'red',
          spends: { budget: 'developer', key: 'task' },
        }),
      )
      .thenTask({ stage: 'development', spent: { 'developer:task': 1 }, verdicts: {} });
  });

  test('the verdict remembers the policy it was made under', () => {
    expect(given(stagedGreen).task.verdicts['deploy-staging']?.policyDigest).toBe('d'.repeat(64));
  });

  test('while the task is held the result is recorded and the gate waits for the release', () => {
    const held = given(running, hold).when(suiteRan()).then('StagingSuiteExecuted', 'VerdictRecorded');
    held.thenNext('await', 'held:person');
    held
      .when(release)
      .then('TaskReleased', happened('GateEvaluated', { gate: 'check_staging_status', result: 'pass' }));
  });
});

describe('rework', () => {
  test('without a developer agent a task that was sent back waits for a person', () => {
    const back = given(running, suiteRan({ exitCode: 1 }));
    back.thenNext('await', 'no-agent:developer');
    expect(back.next.why).toMatchObject({ actor: 'person', blockedBy: 'feature/queue' });
    expect(back.next.why.text).toContain('red');
  });

  test('with one, the developer is next', () => {
    given(policy(agents('developer')), running, suiteRan({ exitCode: 1 })).thenNext('run', 'agent:developer');
  });

  test('a new commit brings a late entrant straight back to where it entered', () => {
    given(running, suiteRan({ exitCode: 1 }))
      .when(observeHead())
      .then(
        happened('HeadMoved', { from: HEAD, to: NEW_HEAD, voidedClaim: null }),
        happened('GateEvaluated', { gate: 'check_ci_green', result: 'not-configured' }),
        happened('StageSkipped', { stage: 'review' }),
        happened('StageSkipped', { stage: 'testing' }),
        happened('StageAdvanced', { from: 'development', to: 'deploy-staging' }),
      )
      .thenNext('run', 'staging-suite');
  });

  test('a task that entered at the start walks through review and testing again', () => {
    const all = agents('analyst', 'architect', 'developer', 'reviewer', 'tester');
    given(policy({ ...all, entryStages: ['review'] }), [
      { type: 'TaskSubmitted', data: { ...SUBMITTED, startStage: 'created' } },
      { type: 'StageAdvanced', data: { from: 'created', to: 'deploy-staging' } },
      claim('staging-suite'),
      suiteRan({ exitCode: 1 }),
      observeHead(),
    ]).thenNext('run', 'agent:reviewer');
  });

  test('the same commit is no rework', () => {
    given(running, suiteRan({ exitCode: 1 }))
      .when(observeHead(HEAD))
      .thenNothing();
    given(policy(agents('developer')), running, suiteRan({ exitCode: 1 }), claim('developer'))
      .when(agentDone('developer', null, HEAD))
      .accepted()
      .thenTask({ stage: 'development' });
  });

  test('three developer retries, and the fourth red holds the task with one alert', () => {
    const red = [claim('staging-suite'), suiteRan({ exitCode: 1 })];
    const heads = ['11', '22', '33'].map((pair) => observeHead(pair.repeat(20)));
    const story = [submittedForStaging, ...heads.map((head) => [red, head])];
    given(story).thenTask({ spent: { 'developer:task': 3 }, hold: null });
    const held = given(story, claim('staging-suite'))
      .when(suiteRan({ exitCode: 1 }))
      .then(
        'StagingSuiteExecuted',
        'VerdictRecorded',
        'GateEvaluated',
        happened('DeveloperRetriesExhausted', { spent: 3, limit: 3 }),
        happened('StageRolledBack', { spends: null }),
        happened('TaskHeld', { reason: 'developer-retries-exhausted' }),
        'AlertRaised',
      );
    held.thenNext('await', 'held:developer-retries-exhausted');
    held.when(observeHead()).then('HeadMoved').thenNext('await', 'held:developer-retries-exhausted');
    held
      .when(release)
      .then('TaskReleased', happened('BudgetRenewed', { budget: 'developer', key: 'task' }), 'AlertClosed')
      .thenTask({ spent: {}, stage: 'development' });
  });
});

describe('the fallback producer', () => {
  const off = switches({ stagingRunner: false });

  test('with the runner switched off the deployer agent runs, if there is one', () => {
    given(off, submittedForStaging).thenNext('await', 'staging-switched-off');
    given(off, policy(agents('deployer')), submittedForStaging).thenNext('run', 'agent:deployer');
    given(policy(agents('deployer')), submittedForStaging).thenNext('run', 'staging-suite');
  });

  test("the deployer's verdict meets the very same gate", () => {
    const deploying = [off, policy(agents('deployer')), submittedForStaging, claim('deployer')];
    given(deploying)
      .when(agentDone('deployer', 'SUCCESS'))
      .then(
        'AgentJobFinished',
        happened('VerdictRecorded', { producer: 'deployer', source: 'agent', passed: true }),
        happened('GateEvaluated', { gate: 'check_staging_status', result: 'pass' }),
      )
      .thenNext('run', 'merge-gate');
    given(deploying)
      .when(agentDone('deployer', 'FAILED'))
      .accepted()
      .thenTask({ stage: 'development', spent: { 'developer:task': 1 } });
  });

  test.each(['', 'success', 'SUCCESS ', 'PASSED', 'READY'])('its status %j is no pass', (status) => {
    given(off, policy(agents('deployer')), submittedForStaging, claim('deployer'))
      .when(agentDone('deployer', status))
      .accepted()
      .thenTask({ stage: 'development' });
  });
});

describe('what no rule explains', () => {
  test('holds the task with one alert, rolls nothing back and spends nothing', () => {
    given(running)
      .when(unclassified)
      .then('ClaimReleased', happened('TaskHeld', { reason: 'unclassified', budget: null }), 'AlertRaised')
      .thenTask({ stage: 'deploy-staging', spent: {}, claim: null })
      .thenNext('await', 'held:unclassified');
  });

  test('a forged artifact holds the task with one alert and spends nothing', () => {
    given(running)
      .when(forgery)
      .then('ForgeryDetected', 'ClaimReleased', happened('TaskHeld', { reason: 'forgery' }), 'AlertRaised')
      .thenTask({ stage: 'deploy-staging', spent: {} });
  });

  test('after a release the job runs again', () => {
    given(running, unclassified, release).thenNext('run', 'staging-suite');
    given(running, forgery, retry).thenNext('run', 'staging-suite');
  });

  test('every hold of the service raises exactly one alert, each under a key of its own', () => {
    const { log } = given(
      running,
      repeat(2, unclassified, release, claim('staging-suite'), forgery, retry, claim('staging-suite')),
    ).world;
    const keys = log.flatMap((event) => (event.type === 'AlertRaised' ? [event.data.key] : []));
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(4);
  });
});

const SUBMITTED = {
  taskId: 'web.WEB-1',
  project: 'web',
  title: 'Faster queue',
  branch: 'feature/queue',
  headOid: HEAD,
  startStage: 'created',
  priority: 0,
  submittedBy: 'ann',
} as const;
