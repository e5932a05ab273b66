import { operator, SERVICE } from '../../../src/domain/authority/principal';
import { judgesByPaths, mayOverride, overridingOf } from '../../../src/domain/gates/overrides';
import { GATES } from '../../../src/domain/task/pipeline';
import { given, happened, START, type Line } from '../../support/given-when-then';
import { agents, ANN } from '../../support/policies';
import {
  after,
  agentDone,
  asked,
  by,
  claim,
  evaluateGates,
  landed,
  landing,
  landingLost,
  mergeable,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  readyToLand,
  rebasedOnto,
  release,
  retested,
  SECRET_DIGEST,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  take,
} from '../../support/task-stories';
import { HOUR, atInstant, requiring, heldForSecurity } from './override-stories';

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
    held.when(release).then('TaskReleased', 'GateEvaluated', 'TaskHeld', 'AlertRaised', 'AlertClosed');
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
    const never = gate === 'intake';
    expect(typeof overridingOf(gate) === 'object').toBe(never);
    // The re-test of what has landed ran its tests.
    expect(mayOverride(landedTask, gate)).toBe(!never && gate !== 'check_branch_mergeable');
  });

  test.each([
    ['intake', /what it rejects is final/],
    ['check_branch_mergeable', /only where the re-test of one ran no tests/],
    ['check_deploy_status', /once the task has landed/],
    ['check_monitor_healthy', /once the task has landed/],
  ] as const)('%s is refused, with why', (gate, why) => {
    given(readyToLand).when(override(gate)).thenRejected('not-overridable', why);
  });

  test.each(GATES)('%s takes an override for paths only where it judges by them', (gate) => {
    if (!mayOverride(given(stagedGreen).task, gate) || judgesByPaths(gate)) return;
    given(stagedGreen)
      .when(override(gate, { paths: ['src/'] }))
      .thenRejected('invalid-paths', /does not judge by paths: leave them out/);
    given(stagedGreen, override(gate, { paths: 'named' })).thenTask({ overrides: [{ gate, paths: null }] });
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
    for (const paths of ['named', ['a.js']] as const)
      given(heldForSecurity, by(agent))
        .when(override('check_security', { paths }))
        .thenRejected('not-allowed', /agent/);
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
