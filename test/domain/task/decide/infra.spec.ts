import { DEFAULT_BUDGETS } from '../../../../src/domain/policy/project-policy';
import { LOCK_BUSY_BOUND_MS } from '../../../../src/domain/task/decide/infra-failure';
import { given, happened, START } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  after,
  ARTIFACT,
  claim,
  hold,
  infraFailed,
  lockBusy,
  mergeable,
  MINUTE,
  NEW_HEAD,
  observeHead,
  policy,
  readyToLand,
  rebasedOnto,
  release,
  repeat,
  retested,
  retry,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  switches,
} from '../../../support/task-stories';

const running = [submittedForStaging, claim('staging-suite')];
const failThrice = repeat(3, claim('staging-suite'), infraFailed());
const atTheLimit = [submittedForStaging, failThrice, claim('staging-suite')];
const rollback = policy({ onInfraExhausted: 'rollback' });

describe('an infrastructure failure', () => {
  test('a timed-out suite is deferred, not rolled back', () => {
    given(running)
      .when(infraFailed())
      .then(
        happened('ToolErrored', {
          claim: given(running).token,
          failureClass: 'timeout',
          job: { kind: 'staging-suite' },
        }),
        happened('RunDeferred', {
          reason: 'timeout',
          spent: 1,
          limit: 3,
          deferredUntil: '2026-01-05T08:00:22.500Z',
          spends: { budget: 'infra', key: 'staging-suite' },
        }),
      )
      .thenTask({ stage: 'deploy-staging', claim: null, spent: { 'infra:staging-suite': 1 }, verdicts: {} })
      .thenNext('wait', 'deferred');
  });

  test('the job runs again when the back-off is over, and not before', () => {
    given(running, infraFailed(), after(22_499)).thenNext('wait', 'deferred');
    given(running, infraFailed(), after(22_500)).thenNext('run', 'staging-suite');
  });

  test('the back-off doubles', () => {
    const story = [
      submittedForStaging,
      repeat(2, claim('staging-suite'), infraFailed()),
      claim('staging-suite'),
      infraFailed(),
    ];
    const { deferral } = given(story).task;
    expect(deferral?.since).not.toBe(START);
    expect(Date.parse(deferral!.until) - Date.parse(deferral!.since)).toBe(90_000);
  });

  test('a run that executed gives the budget back', () => {
    given(submittedForStaging, failThrice, claim('staging-suite'), suiteRan()).thenTask({ spent: {} });
    given(
      stagedGreen,
      repeat(2, claim('merge-gate'), infraFailed()),
      claim('merge-gate'),
      rebasedOnto(),
      retested(),
    ).thenTask({
      spent: {},
    });
  });

  test('the budgets of two jobs are two budgets', () => {
    given(stagedGreen, repeat(3, claim('merge-gate'), infraFailed())).thenTask({
      spent: { 'infra:merge-gate': 3 },
      hold: null,
    });
  });

  test.each(['timeout', 'tool-error', 'dependency-down'] as const)(
    '%s never costs a developer retry',
    (failureClass) => {
      const { log, task } = given(
        submittedForStaging,
        repeat(3, claim('staging-suite'), infraFailed('x', { failureClass })),
      ).world;
      expect(task).toMatchObject({ stage: 'deploy-staging', spent: { 'infra:staging-suite': 3 } });
      expect(log.filter(({ type }) => type === 'StageRolledBack')).toEqual([]);
    },
  );
});

describe('what no rule knows', () => {
  const other = infraFailed('internal', { failureClass: 'other', retryable: false });

  test('holds the task at once, with one alert and without a verdict; nothing is rolled back or spent', () => {
    given(running)
      .when(other)
      .then(
        'ToolErrored',
        'ClaimReleased',
        happened('TaskHeld', { reason: 'unclassified', budget: null }),
        'AlertRaised',
      )
      .thenTask({ stage: 'deploy-staging', claim: null, spent: {}, verdicts: {}, hold: { reason: 'unclassified' } })
      .thenNext('await', 'held:unclassified');
  });

  test('not even a policy that sends back what infrastructure has exhausted rolls it back', () => {
    const { log } = given(submittedForStaging, rollback, claim('staging-suite'), other).world;
    expect(log.filter(({ type }) => type === 'StageRolledBack')).toEqual([]);
  });

  test('a release runs the job again', () => {
    given(running, other, release).thenNext('run', 'staging-suite');
  });
});

describe('an exhausted infra budget', () => {
  test('three retries are four runs', () => {
    given(submittedForStaging, failThrice).thenTask({ hold: null }).thenNext('run', 'staging-suite');
  });

  test('hold: the verdict fails closed before the gate, the task stays, one alert', () => {
    const held = given(atTheLimit)
      .when(infraFailed())
      .then(
        'ToolErrored',
        happened('InfraBudgetExhausted', { job: { kind: 'staging-suite' }, spent: 3, limit: 3 }),
        happened('VerdictRecorded', { status: 'FAILED', passed: false, cause: 'infra-exhausted', artifact: ARTIFACT }),
        happened('GateEvaluated', { gate: 'check_staging_status', result: 'hold', reason: 'infra-exhausted' }),
        happened('TaskHeld', { reason: 'infra-exhausted', budget: { budget: 'infra', key: 'staging-suite' } }),
        'AlertRaised',
      );
    held
      .thenTask({ stage: 'deploy-staging', spent: { 'infra:staging-suite': 3 } })
      .thenNext('await', 'held:infra-exhausted');
  });

  test('rollback: to development for free, one alert, no hold', () => {
    given(rollback, atTheLimit)
      .when(infraFailed())
      .then(
        'ToolErrored',
        'InfraBudgetExhausted',
        happened('VerdictRecorded', { status: 'FAILED', cause: 'infra-exhausted' }),
        happened('GateEvaluated', { result: 'hold', reason: 'infra-exhausted' }),
        happened('StageRolledBack', { reason: 'infra-exhausted', spends: null }),
        'AlertRaised',
      )
      .thenTask({ stage: 'development', hold: null, lastReason: 'infra-exhausted' });
  });

  test('rollback: the reworked change starts with a whole infra budget', () => {
    given(rollback, atTheLimit, infraFailed(), observeHead(), claim('staging-suite'))
      .when(infraFailed())
      .then('ToolErrored', happened('RunDeferred', { spent: 1, limit: 3 }));
  });

  test('a release renews the budget, voids the verdict and runs the suite again', () => {
    given(atTheLimit, infraFailed())
      .when(release)
      .then(
        'TaskReleased',
        happened('BudgetRenewed', { budget: 'infra', key: 'staging-suite', by: 'ann' }),
        happened('VerdictVoided', { stage: 'deploy-staging', spends: null }),
        'AlertClosed',
      )
      .thenTask({ spent: {}, hold: null, verdicts: { 'deploy-staging': undefined } })
      .thenNext('run', 'staging-suite');
  });

  test('a second exhaustion is a new alert', () => {
    const lap = [repeat(3, claim('staging-suite'), infraFailed()), claim('staging-suite'), infraFailed()];
    const { log } = given(submittedForStaging, lap, release, lap).world;
    const alerts = log.flatMap((event) => (event.type === 'AlertRaised' ? [event.data.key] : []));
    expect(alerts).toHaveLength(2);
    expect(new Set(alerts).size).toBe(2);
  });

  test('what cannot be retried skips the waiting', () => {
    given(running)
      .when(infraFailed('command_not_found', { failureClass: 'tool-error', retryable: false }))
      .then('ToolErrored', 'InfraBudgetExhausted', 'VerdictRecorded', 'GateEvaluated', 'TaskHeld', 'AlertRaised');
  });

  test('while a person holds the task it still fails closed, with its alert and with the budget to renew', () => {
    const held = given(submittedForStaging, failThrice, claim('staging-suite'), hold)
      .when(infraFailed())
      .then(
        'ToolErrored',
        'InfraBudgetExhausted',
        'VerdictRecorded',
        happened('TaskHeld', { reason: 'infra-exhausted', budget: { budget: 'infra', key: 'staging-suite' } }),
        'AlertRaised',
      );
    held.when(release).accepted().thenTask({ spent: {}, hold: null }).thenNext('run', 'staging-suite');
  });

  test('of the merge gate: the gate says hold, and the green staging verdict survives the release', () => {
    const story = [stagedGreen, repeat(3, claim('merge-gate'), infraFailed()), claim('merge-gate')];
    const held = given(story)
      .when(infraFailed())
      .then(
        'ToolErrored',
        'InfraBudgetExhausted',
        happened('GateEvaluated', { gate: 'check_branch_mergeable', result: 'hold', reason: 'infra-exhausted' }),
        happened('TaskHeld', { reason: 'infra-exhausted', budget: { budget: 'infra', key: 'merge-gate' } }),
        'AlertRaised',
      );
    held.when(release).then('TaskReleased', 'BudgetRenewed', 'AlertClosed').thenNext('run', 'merge-gate');
    given(rollback, story).when(infraFailed()).accepted().thenTask({ stage: 'development', hold: null });
  });

  test('of an agent that could not be started: the task is held where it is', () => {
    const review = [policy(agents('reviewer')), submit({ startStage: 'review' })];
    given(review, repeat(3, claim('reviewer'), infraFailed()), claim('reviewer'))
      .when(infraFailed())
      .then('ToolErrored', 'InfraBudgetExhausted', happened('TaskHeld', { reason: 'infra-exhausted' }), 'AlertRaised')
      .thenTask({ stage: 'review' });
  });

  test("of a developer whose branch has moved: held all the same, what he left behind is nobody's result yet", () => {
    const developing = [policy(agents('developer')), submit({ startStage: 'development' })];
    const moved = [repeat(3, claim('developer'), infraFailed()), claim('developer'), observeHead()];
    given(developing, moved)
      .when(infraFailed())
      .then('ToolErrored', 'InfraBudgetExhausted', happened('TaskHeld', { reason: 'infra-exhausted' }), 'AlertRaised')
      .thenTask({ stage: 'development', headOid: NEW_HEAD });
  });

  test('with no retries allowed the first failure is the last', () => {
    given(policy({ budgets: { ...DEFAULT_BUDGETS, infra: 0 } }), running)
      .when(infraFailed())
      .accepted()
      .thenTask({ hold: { reason: 'infra-exhausted' } });
  });
});

describe('the switch MERGE_INFRA_RETRY', () => {
  const off = switches({ mergeInfraRetry: false });

  test('off: the first infra failure of the merge gate holds the task, whatever the policy of exhaustion', () => {
    for (const by of [[], [rollback]]) {
      given(off, by, stagedGreen, claim('merge-gate'))
        .when(infraFailed())
        .accepted()
        .thenTask({ stage: 'deploy-staging', hold: { reason: 'infra-exhausted' }, spent: {} });
    }
  });

  test('off: the staging suite is retried as ever, and a busy lock still waits for free', () => {
    given(off, running).when(infraFailed()).then('ToolErrored', 'RunDeferred');
    given(off, stagedGreen, claim('merge-gate')).when(lockBusy).then('ToolErrored', 'RunDeferred');
  });
});

describe('a busy lock', () => {
  test('spends nothing and is tried again soon', () => {
    given(stagedGreen, claim('merge-gate'))
      .when(lockBusy)
      .then(
        'ToolErrored',
        happened('RunDeferred', { failureClass: 'lock-busy', spends: null, deferredUntil: '2026-01-05T08:00:01.000Z' }),
      )
      .thenTask({ spent: {}, lockBusySince: START });
  });

  test('however often, until its age bound; then it holds the task with one alert', () => {
    const waits = [stagedGreen, repeat(9, claim('merge-gate'), lockBusy, after(-59 * MINUTE)), claim('merge-gate')];
    given(waits, after(MINUTE - 1))
      .when(lockBusy)
      .then('ToolErrored', 'RunDeferred');
    given(waits, after(MINUTE))
      .when(lockBusy)
      .then('ToolErrored', 'InfraBudgetExhausted', 'GateEvaluated', 'TaskHeld', 'AlertRaised');
    expect(LOCK_BUSY_BOUND_MS).toBe(10 * MINUTE);
  });

  test('a run in between starts the clock again', () => {
    given(stagedGreen, claim('merge-gate'), lockBusy, after(5 * MINUTE), mergeable).thenTask({ lockBusySince: null });
  });

  test('a rebase on the way to it does not', () => {
    const locked = [claim('merge-gate'), rebasedOnto(), lockBusy, after(6 * MINUTE)];
    given(stagedGreen, locked, locked, claim('merge-gate'), rebasedOnto())
      .when(lockBusy)
      .then('ToolErrored', 'InfraBudgetExhausted', 'GateEvaluated', 'TaskHeld', 'AlertRaised');
  });

  test('time spent on hold is not time spent waiting for the lock', () => {
    given(stagedGreen, claim('merge-gate'), lockBusy, hold, after(30 * MINUTE), release, claim('merge-gate'))
      .when(lockBusy)
      .then('ToolErrored', 'RunDeferred');
  });

  test('before a landing it leaves the candidate as it is: nothing was touched', () => {
    given(readyToLand, claim('landing'), lockBusy, after(2_000))
      .thenTask({ interruptedLanding: null, stage: 'deploy' })
      .thenNext('run', 'landing');
  });
});

describe('a retry asked for by a person', () => {
  test('ends a back-off at once and is free', () => {
    given(running, infraFailed())
      .when(retry)
      .then(happened('VerdictVoided', { stage: 'deploy-staging', by: 'ann', spends: null }))
      .thenNext('run', 'staging-suite');
  });
});
