import { operator, SERVICE } from '../../../src/domain/authority/principal';
import { mayOverride, overridingOf } from '../../../src/domain/gates/overrides';
import { plusMs } from '../../../src/domain/instant';
import { DEFAULT_BUDGETS } from '../../../src/domain/policy/project-policy';
import { GATES, type GateName } from '../../../src/domain/task/pipeline';
import { given, happened, START, type Line } from '../../support/given-when-then';
import { agents, ANN } from '../../support/policies';
import {
  after,
  agentDone,
  agentError,
  asked,
  BASE,
  by,
  claim,
  evaluateGates,
  forgery,
  HEAD,
  hold,
  infraFailed,
  landed,
  landing,
  landingLost,
  mergeable,
  MINUTE,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  readyToLand,
  rebasedOnto,
  recovering,
  release,
  releaseClaim,
  retested,
  SECRET_DIGEST,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  take,
} from '../../support/task-stories';

const HOUR = 60 * MINUTE;
const atInstant = (ms: number) => plusMs(START, ms);
const requiring = (...requiredGates: readonly GateName[]) => policy({ requiredGates });
const heldForSecurity: Line = [requiring('check_security'), readyToLand];
const broken = infraFailed('command_not_found', { failureClass: 'tool-error', retryable: false });
const heldForStaging: Line = [submittedForStaging, claim('staging-suite'), broken];
const rejectedByReviewer: Line = [
  policy(agents('reviewer')),
  submit({ startStage: 'review' }),
  claim('reviewer'),
  agentDone('reviewer', 'REQUEST_CHANGES'),
];

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
      .then('GateOverridden', 'TaskReleased', 'BudgetRenewed', 'GateEvaluated')
      .thenNext('run', 'merge-gate');
  });

  test('is no landing without a test: the re-test stands', () => {
    given(heldForStaging, override('check_staging_status'), claim('merge-gate'), rebasedOnto())
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
    given(stagedGreen, claim('merge-gate'), rebasedOnto(BASE), retested({ exitCode: 1 }))
      .thenTask({ sentBack: { gate: 'check_branch_mergeable' } })
      .when(override('check_ci_green'))
      .thenRejected('not-overridable', /once feature\/queue has a new commit$/);
  });
});

describe('its time', () => {
  const until = atInstant(HOUR);
  const forAnHour = override('check_staging_status', { expiresAt: until });

  test.each([
    ['over', atInstant(-1)],
    ['over at this very moment', START],
    ['more than a year ahead', atInstant(367 * 24 * HOUR)],
  ])('%s is refused', (_what, expiresAt) => {
    given(submittedForStaging)
      .when(override('check_security', { expiresAt }))
      .thenRejected('invalid-expiry', /saw 202/);
  });

  test('over, it counts no more: the gate is asked again, and the suite runs', () => {
    const waiting = given(submittedForStaging, forAnHour, after(HOUR));
    waiting.thenTask({ gatesOverridden: ['check_staging_status'] }).thenNext('decide', 'EvaluateGates');
    waiting.when(claim('merge-gate')).thenRejected('not-the-next-step');
    const asked = waiting
      .when(evaluateGates)
      .then(happened('GateEvaluated', { gate: 'check_staging_status', result: 'not-ready' }));
    asked.thenTask({ gatesOverridden: [] }).thenNext('run', 'staging-suite');
  });

  test('a moment before it is over it counts', () => {
    given(submittedForStaging, forAnHour, after(HOUR - 1)).thenNext('run', 'merge-gate');
  });

  test('over before the landing holds the task, and after each release, until it is overridden again', () => {
    const ready: Line = [submittedForStaging, forAnHour, mergeable];
    given(ready, after(HOUR - 1)).thenNext('run', 'landing');
    const waiting = given(ready, after(HOUR)).thenNext('decide', 'EvaluateGates');
    waiting.when(claim('landing')).thenRejected('not-the-next-step');
    const held = waiting
      .when(evaluateGates)
      .then(
        happened('GateEvaluated', { result: 'not-ready' }),
        happened('TaskHeld', { reason: 'gate', gate: 'check_staging_status' }),
        'AlertRaised',
      );
    held.when(release).then('TaskReleased', 'GateEvaluated', 'TaskHeld', 'AlertRaised');
    held.when(override('check_staging_status')).accepted().thenTask({ hold: null }).thenNext('run', 'landing');
  });

  test('over while a landing is under way keeps git from no answer; lost, the landing leads to the gate again', () => {
    const gone: Line = [submittedForStaging, forAnHour, mergeable, claim('landing'), after(HOUR)];
    given(gone).when(landed()).accepted().thenTask({ stage: 'done' });
    given(gone, landingLost()).thenTask({ stage: 'deploy-staging' }).thenNext('decide', 'EvaluateGates');
  });

  test('not over, it leads a lost landing back to the merge gate, as a pass would', () => {
    given(submittedForStaging, forAnHour, mergeable, claim('landing'), landingLost()).thenNext('run', 'merge-gate');
  });

  test('over long ago is replaced by a new one of the same words', () => {
    given(stagedGreen, override('check_security', { expiresAt: until }), after(2 * HOUR))
      .when(override('check_security'))
      .then(happened('GateOverridden', { expiresAt: atInstant(7 * 24 * HOUR + 2 * HOUR) }));
  });
});

describe('the commit that it is about', () => {
  test('is the head of the branch: another one is not let through', () => {
    given(stagedGreen, override('check_security'), observeHead(NEW_HEAD), requiring('check_security'))
      .thenTask({ stage: 'deploy-staging' })
      .when(claim('staging-suite'))
      .accepted();
    const story = given(
      requiring('check_security'),
      stagedGreen,
      override('check_security'),
      observeHead(NEW_HEAD),
      claim('staging-suite'),
      suiteRan(),
      mergeable,
    );
    story.thenTask({ hold: { reason: 'gate', gate: 'check_security' } });
  });

  test('is the head, not the candidate: a rebase onto a newer main changes nothing that a person has looked at', () => {
    given(heldForSecurity, override('check_security'), claim('landing'), landingLost('main-moved'), [
      claim('merge-gate'),
      rebasedOnto('b2'.repeat(20), 'c2'.repeat(20)),
      retested({ newOid: 'c2'.repeat(20), baseOid: 'b2'.repeat(20) }),
    ]).thenTask({ stage: 'deploy', hold: null });
  });

  test('is none before development: what was found out there holds for the branch', () => {
    given(submit(), override('check_analysis_ready'), observeHead(NEW_HEAD))
      .thenTask({ stage: 'architecture', headOid: NEW_HEAD, gatesOverridden: ['check_analysis_ready'] })
      .thenTask({ overrides: [{ headOid: null }] });
  });
});

describe('gates', () => {
  const landedTask = given(landing, landed()).task;

  test.each(GATES)('%s says whether it may be overridden', (gate) => {
    const never = ['intake', 'check_branch_mergeable'].includes(gate);
    expect(typeof overridingOf(gate) === 'object').toBe(never);
    expect(mayOverride(landedTask, gate)).toBe(!never);
  });

  test.each([
    ['intake', /what it rejects is final/],
    ['check_branch_mergeable', /nothing to land/],
    ['check_deploy_status', /once the task has landed/],
    ['check_monitor_healthy', /once the task has landed/],
  ] as const)('%s is refused, with why', (gate, why) => {
    given(readyToLand).when(override(gate)).thenRejected('not-overridable', why);
  });

  test.each(GATES)('%s judges by no paths', (gate) => {
    if (!mayOverride(given(stagedGreen).task, gate)) return;
    given(stagedGreen)
      .when(override(gate, { paths: ['src/'] }))
      .thenRejected('invalid-paths', /override the whole gate/);
  });

  test('behind the landing let no task to its end that has not landed, even if a log says so', () => {
    const data = { gate: 'check_deploy_status', by: 'x', reason: 'x', expiresAt: atInstant(HOUR) } as const;
    given(readyToLand, { type: 'GateOverridden', data }).thenNext('run', 'landing');
  });
});

describe('who', () => {
  const bob = operator('bob');
  const byBob = (role: 'developer' | 'analyst'): Line => [asked('bob', SECRET_DIGEST), take(role)];

  test('an agent overrides nothing', () => {
    const agent = { ...ANN, name: 'bot', kind: 'agent' } as const;
    given(heldForSecurity, by(agent)).when(override('check_security')).thenRejected('not-allowed', /agent/);
  });

  test('the service overrides nothing', () => {
    given(heldForSecurity, by(SERVICE))
      .when(override('check_security'))
      .thenRejected('not-allowed', /operate/);
  });

  test('whoever made the commits under a claim of the task overrides no gate that judges them', () => {
    const made = given(
      submit({ startStage: 'development' }),
      byBob('developer'),
      agentDone('developer', null, NEW_HEAD),
      by(bob),
    ).thenTask({ authors: { developer: ['bob'] }, stage: 'review' });
    made.when(override('check_review_approved')).thenRejected('not-allowed', /bob has made/);
    made.when(override('check_security')).thenRejected('not-allowed');
    given(made.world.log, by(operator('ann')))
      .when(override('check_review_approved'))
      .accepted();
    made.when(override('check_analysis_ready')).accepted();
  });

  test('whoever made the analysis overrides its gate not, and the others', () => {
    const errs: Line = [byBob('analyst'), agentDone('analyst', 'UNCLEAR')];
    const made = given(submit(), errs, by(bob));
    made.when(override('check_analysis_ready')).thenRejected('not-allowed');
    made.when(override('check_architecture_ready')).accepted();
  });

  test('a process of the service is nobody, whatever its host is called', () => {
    given(
      policy(agents('developer')),
      submit({ startStage: 'development' }),
      claim('developer', 'bob/boot/ns/1/2'),
      agentDone('developer', null, NEW_HEAD),
    ).thenTask({ authors: {} });
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
