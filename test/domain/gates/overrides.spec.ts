import { operator } from '../../../src/domain/authority/principal';
import { DEFAULT_BUDGETS } from '../../../src/domain/policy/project-policy';
import { type GateName } from '../../../src/domain/task/pipeline';
import { given, happened, type Line } from '../../support/given-when-then';
import { agents } from '../../support/policies';
import {
  agentError,
  BASE,
  by,
  claim,
  evaluateGates,
  forgery,
  HEAD,
  hold,
  infraFailed,
  landed,
  mergeable,
  override,
  policy,
  rebasedOnto,
  redSeen,
  recovering,
  releaseClaim,
  retested,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';
import { HOUR, atInstant, heldForSecurity, broken, heldForStaging, rejectedByReviewer } from './override-stories';

describe('an override', () => {
  test('lets a gate pass that does not pass by itself, names itself, and lifts the hold of that gate: one command', () => {
    const story = given(heldForSecurity)
      .when(override('check_security'))
      .then(
        happened('GateOverridden', {
          gate: 'check_security',
          by: 'ann',
          reason: 'seen by eye',
          headOid: HEAD,
          expiresAt: atInstant(7 * 24 * HOUR),
        }),
        happened('TaskReleased', { by: 'ann', reason: 'check_security is overridden' }),
        happened('GateEvaluated', { gate: 'check_security', result: 'pass', reason: 'overridden' }),
        happened('GateEvaluated', { gate: 'check_coverage', result: 'not-configured' }),
        happened('GateEvaluated', { gate: 'check_image_fresh' }),
        happened('StageAdvanced', { to: 'deploy' }),
        'AlertClosed',
      );
    const { log } = story.world;
    const answer = log.findLast((event) => event.type === 'GateEvaluated' && event.data.gate === 'check_security');
    const recordedAt = log.findIndex(({ type }) => type === 'GateOverridden');
    expect(answer?.data).toMatchObject({
      evidence: {
        override: String(recordedAt),
        by: 'ann',
        expiresAt: atInstant(7 * 24 * HOUR),
        headOid: HEAD,
        said: { result: 'not-configured', reason: null, evidence: {} },
      },
    });
    story.thenNext('run', 'landing');
  });

  test('says what a gate said by itself that had found something', () => {
    const { log } = given(heldForStaging).when(override('check_staging_status')).accepted().world;
    const { evidence } = log.findLast(({ type }) => type === 'GateEvaluated')?.data as { evidence: object };
    expect(evidence).toMatchObject({
      said: { result: 'hold', reason: 'infra-exhausted', evidence: { status: 'FAILED' } },
    });
  });

  test('gives back the budget that a hold had used up, as a release does', () => {
    given(heldForStaging)
      .when(override('check_staging_status'))
      .then('GateOverridden', 'TaskReleased', 'BudgetRenewed', 'GateEvaluated', 'AlertClosed')
      .thenNext('run', 'merge-gate');
  });

  test('is no landing without a test: the re-test stands', () => {
    given(heldForStaging, override('check_staging_status'), claim('merge-gate'), rebasedOnto(), redSeen())
      .when(retested({ exitCode: 1 }))
      .then('RetestFinished', happened('GateEvaluated', { result: 'fail', reason: 'red' }), 'StageRolledBack');
  });

  test('is recorded ahead, and counts when the gate is asked: for a suite that is red', () => {
    given(submittedForStaging, claim('staging-suite'), override('check_staging_status'))
      .when(suiteRan({ exitCode: 1 }))
      .then(
        'StagingSuiteExecuted',
        'VerdictRecorded',
        happened('GateEvaluated', { result: 'pass', reason: 'overridden' }),
      )
      .thenNext('run', 'merge-gate');
  });

  test('is not needed where the gate passes by itself, or is not configured and nobody requires it', () => {
    given(submittedForStaging, claim('staging-suite'), override('check_staging_status'))
      .when(suiteRan())
      .then('StagingSuiteExecuted', 'VerdictRecorded', happened('GateEvaluated', { result: 'pass', reason: null }));
    given(stagedGreen, override('check_security'), mergeable).thenTask({ gatesOverridden: [], stage: 'deploy' });
  });

  test('spares a budget that runs out while it counts: the task is not held', () => {
    given(submittedForStaging, claim('staging-suite'), override('check_staging_status'))
      .when(broken)
      .accepted()
      .thenTask({ hold: null, stage: 'deploy-staging' })
      .thenNext('run', 'merge-gate');
  });

  test('counts for a stage whose agent never came, and without any agent', () => {
    given(submit({ startStage: 'review' }))
      .thenNext('await', 'no-agent:reviewer')
      .when(override('check_review_approved'))
      .then(
        'GateOverridden',
        happened('GateEvaluated', { reason: 'overridden' }),
        happened('StageAdvanced', { to: 'testing' }),
      );
  });

  test('counts after a job gave up its claim without an answer', () => {
    const waiting: Line = [submittedForStaging, claim('staging-suite'), override('check_staging_status')];
    given(waiting, releaseClaim()).thenNext('decide', 'EvaluateGates');
    given(waiting, releaseClaim())
      .when(evaluateGates)
      .then(happened('GateEvaluated', { reason: 'overridden' }))
      .thenNext('run', 'merge-gate');
  });

  test('ends a pause: there is nothing to try again', () => {
    given(submittedForStaging, claim('staging-suite'), infraFailed())
      .thenNext('wait', 'deferred')
      .when(override('check_staging_status'))
      .accepted()
      .thenNext('run', 'merge-gate');
  });

  test('again is no second one, and with another reason, time or person it is', () => {
    given(stagedGreen).when(override('check_security')).again().thenNothing();
    const until = atInstant(HOUR);
    given(stagedGreen)
      .when(override('check_security', { expiresAt: until }))
      .again()
      .thenNothing();
    given(stagedGreen, override('check_security'))
      .when(override('check_security', { expiresAt: until }))
      .then(happened('GateOverridden', { expiresAt: until }));
    given(stagedGreen, override('check_security'))
      .when(override('check_security', { reason: 'looked again' }))
      .then('GateOverridden');
    given(stagedGreen, override('check_security'), by(operator('bob')))
      .when(override('check_security'))
      .then(happened('GateOverridden', { by: 'bob' }));
  });

  test('of which only the newest is kept in the state, one for each gate; the log has all', () => {
    const story = given(
      stagedGreen,
      override('check_security'),
      override('check_coverage'),
      override('check_security', { reason: 'once more' }),
    );
    expect(story.task.overrides.map(({ gate, reason }) => [gate, reason])).toEqual([
      ['check_coverage', 'seen by eye'],
      ['check_security', 'once more'],
    ]);
  });

  test('stays with the task to its end', () => {
    const story = given(heldForSecurity, override('check_security'), claim('landing'), landed());
    story.thenTask({ stage: 'done', overrides: [{ gate: 'check_security', by: 'ann' }] });
  });
});

describe('what it does not lift', () => {
  test.each<readonly [string, Line, GateName]>([
    ['a hold of a person', [stagedGreen, hold], 'check_staging_status'],
    ['a hold for a forgery', [stagedGreen, claim('merge-gate'), forgery], 'check_security'],
    ['a hold for another gate', heldForSecurity, 'check_coverage'],
    ['a hold for a landing that git has not answered', [recovering, broken], 'check_security'],
  ])('%s', (_what, story, gate) => {
    const before = given(story);
    before.thenTask({ hold: expect.anything() as object });
    before.when(override(gate)).then('GateOverridden').thenTask({ hold: before.task.hold });
  });
});

describe('a task that a gate sent back', () => {
  test('by a reviewer goes on with the same commit, past the gate that is overridden', () => {
    given(rejectedByReviewer)
      .thenTask({ stage: 'development', sentBack: { gate: 'check_review_approved' } })
      .when(override('check_review_approved'))
      .then(
        'GateOverridden',
        happened('GateEvaluated', { gate: 'check_ci_green', result: 'not-configured' }),
        happened('StageAdvanced', { from: 'development', to: 'review' }),
        happened('GateEvaluated', { gate: 'check_review_approved', reason: 'overridden' }),
        happened('StageAdvanced', { to: 'testing' }),
      );
  });

  test('for the last time goes on too: its hold is lifted, the budget renewed', () => {
    given(policy({ budgets: { ...DEFAULT_BUDGETS, developer: 0 } }), rejectedByReviewer)
      .thenTask({ hold: { reason: 'developer-retries-exhausted', gate: 'check_review_approved' } })
      .when(override('check_review_approved'))
      .accepted()
      .thenTask({ hold: null, stage: 'testing', spent: {} });
  });

  test('stays at development while another gate is overridden', () => {
    given(rejectedByReviewer)
      .when(override('check_tests_passed'))
      .then('GateOverridden')
      .thenTask({ stage: 'development' });
  });

  test('by infrastructure comes back once for each command, never by itself', () => {
    const rollsBack = policy({ onInfraExhausted: 'rollback' });
    const sentBack = given(rollsBack, heldForStaging).thenTask({
      stage: 'development',
      sentBack: { gate: 'check_staging_status' },
    });
    sentBack.when(override('check_ci_green')).thenRejected('not-overridable', /once feature\/queue has a new commit/);
    sentBack.when(override('check_staging_status')).accepted().thenNext('run', 'merge-gate');
  });

  test('by git needs another commit', () => {
    given(stagedGreen, claim('merge-gate'), rebasedOnto(BASE), redSeen(), retested({ exitCode: 1 }))
      .thenTask({ sentBack: { gate: 'check_branch_mergeable' } })
      .when(override('check_ci_green'))
      .thenRejected('not-overridable', /once feature\/queue has a new commit$/);
  });
});

test('an agent that ended without an answer for the last time holds the task, which an override lets go on', () => {
  given(
    policy({ ...agents('reviewer'), budgets: { ...DEFAULT_BUDGETS, agent: 0 } }),
    submit({ startStage: 'review' }),
    claim('reviewer'),
    agentError('reviewer'),
  )
    .thenTask({ hold: { reason: 'agent-retries-exhausted' } })
    .when(override('check_review_approved'))
    .accepted()
    .thenTask({ hold: null, stage: 'testing' });
});
