import { FREE_BOUNDS } from '../../../../src/domain/task/budgets/free-ends';
import { given, happened, type Line } from '../../../support/given-when-then';
import {
  claim,
  freshLane,
  HEAD,
  interrupted,
  landingLost,
  lockBusy,
  mergeable,
  MINUTE,
  after,
  NEW_HEAD,
  observeHead,
  release,
  releaseClaim,
  repeat,
  reportStale,
  stagedGreen,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const HELD = [happened('TaskHeld', { reason: 'no-progress', budget: null }), 'AlertRaised'] as const;
const released = [claim('staging-suite'), releaseClaim()];
/** Each time the clock is set back further, so that ever less time has passed. */
const repeatSetBack = (times: number, ...lines: readonly Line[]): Line =>
  Array.from({ length: times }, () => [...lines, after(-2 * MINUTE)]);
/** Flaps between two heads. */
const movedUnderIt = (head: string): Line => [claim('staging-suite'), observeHead(head)];

describe('a job that ends without a result and without a cost', () => {
  test('given back: as often as the bound says, then the task is held with one alert', () => {
    given(submittedForStaging, repeat(FREE_BOUNDS.released, ...released))
      .thenNext('run', 'staging-suite')
      .thenTask({ spent: {}, hold: null });
    given(submittedForStaging, repeat(FREE_BOUNDS.released, ...released), claim('staging-suite'))
      .when(releaseClaim('the service is shutting down'))
      .then('ClaimReleased', ...HELD)
      .thenTask({ hold: { detail: expect.stringContaining('the service is shutting down') as string } })
      .thenNext('await', 'held:no-progress');
  });

  test('a branch that moves under it each time: held at the stage where it would start again', () => {
    const heads = Array.from({ length: FREE_BOUNDS['head-moved'] }, (_, index) => (index % 2 ? HEAD : NEW_HEAD));
    given(submittedForStaging, heads.map(movedUnderIt), claim('staging-suite'))
      .when(reportStale(NEW_HEAD))
      .then('HeadMoved', 'GateEvaluated', 'StageSkipped', 'StageSkipped', 'StageAdvanced', ...HELD)
      .thenTask({ stage: 'deploy-staging' });
  });

  test('a landing that is lost to the branch, however often the re-test before it was green', () => {
    const lost = [mergeable, claim('landing'), landingLost('head-moved')];
    given(stagedGreen, repeat(FREE_BOUNDS['landing-lost'], ...lost), mergeable, claim('landing'))
      .when(landingLost('head-moved'))
      .then('LandingLost', ...HELD);
  });

  test('a lock that goes on when the clock was set back is counted', () => {
    const often = repeatSetBack(FREE_BOUNDS['lock-busy'], claim('merge-gate'), lockBusy);
    given(stagedGreen, often, claim('merge-gate'))
      .when(lockBusy)
      .then('ToolErrored', 'InfraBudgetExhausted', 'GateEvaluated', 'TaskHeld', 'AlertRaised');
  });

  test('a recovery of a landing that never gets anywhere waits for a person', () => {
    const round = [claim('landing-recovery'), releaseClaim(), freshLane];
    given(interrupted, repeat(FREE_BOUNDS.released, ...round), claim('landing-recovery'))
      .when(releaseClaim())
      .then('ClaimReleased', ...HELD)
      .thenTask({ interruptedLanding: { needsPerson: true } })
      .thenNext('await', 'held:no-progress');
  });
});

describe('the count begins anew', () => {
  const almost: Line = [submittedForStaging, repeat(FREE_BOUNDS.released, ...released)];

  test('when the job delivers', () => {
    given(almost, claim('staging-suite'), suiteRan()).thenTask({ freeEnds: {} });
  });

  test('when a person lets the task go on', () => {
    given(almost, claim('staging-suite'), releaseClaim(), release)
      .thenTask({ freeEnds: {}, hold: null })
      .thenNext('run', 'staging-suite');
  });

  test('not when another job does', () => {
    given(stagedGreen, claim('merge-gate'), releaseClaim()).thenTask({ freeEnds: { 'released:merge-gate': 1 } });
    given(
      submittedForStaging,
      ...released,
      claim('staging-suite'),
      suiteRan(),
      claim('merge-gate'),
      releaseClaim(),
    ).thenTask({
      freeEnds: { 'released:merge-gate': 1 },
    });
  });
});
