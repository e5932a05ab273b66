import { happened, given, type Line } from '../../../support/given-when-then';
import { OTHER_TASK } from '../../../support/policies';
import {
  after,
  CANDIDATE,
  cancel,
  claim,
  deployBegun,
  deployed,
  deploying,
  deployNotStarted,
  evaluateGates,
  evidenceFound,
  hold,
  infraFailed,
  landed,
  landing,
  lane,
  MINUTE,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  policyWithout,
  reap,
  release,
  releaseClaim,
  retry,
  switches,
  toDeploy,
  unclassified,
} from '../../../support/task-stories';

const ASKED = ['GateEvaluated', 'TaskHeld', 'AlertRaised'] as const;
const held = { stage: 'deploy', hold: { reason: 'gate', gate: 'check_deploy_status' } };
const newer: Line = [toDeploy, claim('deploy'), evidenceFound({ newer: OTHER_TASK })];

describe('a landed task of a project that deploys', () => {
  test('is deployed next, in the lane that it has held since its landing', () => {
    given(toDeploy).thenNext('run', 'deploy').thenTask({ stage: 'deploy', claim: null });
    given(toDeploy, lane({ holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null })).thenNext(
      'wait',
      'lane-busy',
    );
  });

  test('without a deploy command goes on as it is', () => {
    given(landing, landed()).thenTask({ stage: 'done' });
  });

  test('goes on by the exit code 0 of its command', () => {
    given(deploying)
      .when(deployed())
      .then(
        happened('DeployFinished', { status: 'SUCCESS' }),
        happened('VerdictRecorded', { stage: 'deploy', status: 'SUCCESS', subjectOid: CANDIDATE }),
        happened('GateEvaluated', { gate: 'check_deploy_status', result: 'pass' }),
        'StageAdvanced',
        'GateEvaluated',
        'StageAdvanced',
      )
      .thenTask({ stage: 'done', deployBegun: null });
  });

  test('is held by any other, with one alert, and main stays where it is', () => {
    const failed = given(deploying)
      .when(deployed(3))
      .then('DeployFinished', happened('VerdictRecorded', { status: 'FAILED' }), ...ASKED)
      .thenTask({ ...held, landed: { newOid: CANDIDATE }, spent: {} });
    expect(failed.next.why.remedy).toMatchObject({ then: 'again', override: 'check_deploy_status' });
    // Even where a failure of the machine may send a task back: behind the landing nothing does.
    given(policy({ onInfraExhausted: 'rollback', budgets: NO_RETRIES }), toDeploy, claim('deploy'))
      .when(infraFailed())
      .then('ToolErrored', 'InfraBudgetExhausted', 'TaskHeld', 'AlertRaised')
      .thenTask({ stage: 'deploy', hold: { reason: 'infra-exhausted' } });
  });

  test('is deployed again by a retry, and by nothing else', () => {
    const failed: Line = [deploying, deployed(3)];
    given(failed)
      .when(release)
      .then('TaskReleased', ...ASKED, 'AlertClosed')
      .thenTask(held);
    given(failed)
      .when(retry)
      .then('TaskReleased', happened('VerdictVoided', { stage: 'deploy' }), 'AlertClosed')
      .thenNext('run', 'deploy');
    given(failed, override('check_deploy_status')).thenTask({ stage: 'done' });
    given(failed, retry, claim('deploy'), deployBegun, deployed()).thenTask({ stage: 'done' });
    given(toDeploy).when(retry).thenRejected('landed-already');
    given(deploying).when(retry).thenRejected('run-in-progress');
  });

  test('fences: what has begun begins once, and is about what has landed', () => {
    given(deploying).when(deployBegun).thenRejected('run-in-progress');
    given(deploying).when(deployed(0, NEW_HEAD)).thenRejected('other-candidate');
    given(deploying, reap()).when(deployed()).thenRejected('stale-claim');
  });
});

describe('a deploy that has begun and whose end nobody saw', () => {
  test.each([
    ['its worker died', reap(), 'TransitionReaped'],
    ['its time was up and nobody answered', reap('owner-dead'), 'TransitionReaped'],
    ['its claim was given back', releaseClaim(), 'ClaimReleased'],
  ] as const)('is asked about when %s', (_name, end, event) => {
    given(deploying)
      .when(end)
      .then(event, happened('GateEvaluated', { result: 'hold' }), 'TaskHeld', 'AlertRaised')
      .thenTask({ ...held, claim: null });
  });

  test('is asked about when it was cut short, whatever budget is left', () => {
    given(deploying)
      .when(infraFailed('timeout'))
      .then('ToolErrored', happened('DeployFinished', { status: 'INTERRUPTED' }), ...ASKED)
      .thenTask({ ...held, claim: null, spent: {}, deferral: null });
  });

  test('is not walked past by a release, and runs again by a retry', () => {
    const interrupted: Line = [deploying, reap()];
    given(interrupted)
      .when(release)
      .then('TaskReleased', ...ASKED, 'AlertClosed')
      .thenTask(held);
    given(interrupted, release)
      .when(retry)
      .then('TaskReleased', 'VerdictVoided', 'AlertClosed')
      .thenNext('run', 'deploy');
    given(interrupted, override('check_deploy_status')).thenTask({ stage: 'done', deployBegun: null });
    expect(given(interrupted).next.why.text).toMatch(/interrupted, and nobody knows how far it got.*its worker died/);
  });

  test('is asked about once whoever held the task meanwhile lets it go', () => {
    const both: Line = [deploying, hold, reap()];
    given(both).thenTask({ hold: { reason: 'person' } });
    given(both)
      .when(retry)
      .thenRejected('not-asked-yet', /release the task/);
    given(both)
      .when(release)
      .then('TaskReleased', ...ASKED)
      .thenTask(held);
    given(deploying, unclassified, release).thenTask(held);
  });

  test('is asked about even where the command is configured no more, or switched off', () => {
    given(deploying, policyWithout('deploy'), reap()).thenTask(held);
    given(deploying, switches({ deployFinalizer: false }), reap()).thenTask(held);
  });

  test('never was one where the command did not begin: it is tried again within the budget', () => {
    given(deploying)
      .when(deployNotStarted)
      .then(happened('DeployFinished', { status: 'NOT_STARTED' }), 'ToolErrored', 'RunDeferred')
      .thenTask({ deployBegun: null, hold: null, spent: { 'infra:deploy': 1 } });
    given(deploying, deployNotStarted, after(30 * MINUTE)).thenNext('run', 'deploy');
    given(toDeploy, claim('deploy'), reap()).thenTask({ hold: null }).thenNext('run', 'deploy');
  });
});

describe('around a deploy', () => {
  test('a newer landing keeps it from being taken back', () => {
    given(newer).thenTask(held);
    given(newer)
      .when(release)
      .then('TaskReleased', ...ASKED, 'AlertClosed');
    given(newer, retry).thenNext('run', 'deploy');
    given(newer, override('check_deploy_status')).thenTask({ stage: 'done' });
    expect(given(newer).next.why).toMatchObject({ text: expect.stringContaining(OTHER_TASK) as string });
    expect(given(newer).next.why.remedy).toMatchObject({ then: null, override: 'check_deploy_status' });
    // After a retry it is still about what has landed.
    given(newer, retry, claim('deploy'), evidenceFound({ newer: OTHER_TASK })).thenTask(held);
  });

  test('with its switch off it waits for a person, and goes on when it is on again', () => {
    const off: Line = [switches({ deployFinalizer: false }), toDeploy];
    given(off).thenNext('await', 'deploy-switched-off');
    expect(given(off).next.why.remedy).toMatchObject({
      first: expect.stringContaining('switch deployFinalizer on') as string,
    });
    given(off, switches({ deployFinalizer: true })).thenNext('run', 'deploy');
    given(off, override('check_deploy_status')).thenTask({ stage: 'done' });
  });

  test('taken out of the project file it is passed over, as in a project that never had it', () => {
    given(toDeploy, policyWithout('deploy')).thenNext('decide', 'EvaluateGates');
    given(toDeploy, policyWithout('deploy'), evaluateGates).thenTask({ stage: 'done' });
  });

  test('required and not configured it holds the task, until it is configured', () => {
    const required: Line = [policy({ requiredGates: ['check_deploy_status'] }), landing, landed()];
    given(required).thenTask(held);
    given(required, release).thenTask(held);
    given(required, policy({ deploy: DEPLOY }), release).thenNext('run', 'deploy');
  });

  test('people are answered at once while it runs: it is no landing', () => {
    given(deploying)
      .when(hold)
      .then('TaskHeld')
      .thenTask({ claim: { job: { kind: 'deploy' } } });
    given(deploying, hold).when(deployed()).then('DeployFinished', 'VerdictRecorded').thenTask({ stage: 'deploy' });
    given(deploying).when(cancel).thenRejected('landed-already');
    given(deploying).when(observeHead()).then('TaskAnnotated');
  });
});

const NO_RETRIES = { developer: 3, agent: 2, infra: 0, crash: 10, landing: 5 };
const DEPLOY = { command: './deploy.sh', timeoutMs: 600_000, graceMs: 10_000, env: [] };
