import { given, happened } from '../../../support/given-when-then';
import { agents, EVERY_AGENT } from '../../../support/policies';
import {
  agentDone,
  cancel,
  claim,
  HEAD,
  hold,
  infraFailed,
  landingLost,
  NEW_HEAD,
  observeHead,
  policy,
  readyToLand,
  rebasedOnto,
  release,
  reportStale,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const THIRD = 'a3'.repeat(20);

describe('a new commit on the branch', () => {
  test('voids the open claim and every verdict, goes through the exit gate of development, spends nothing', () => {
    given(stagedGreen, claim('merge-gate'), rebasedOnto())
      .when(observeHead())
      .then(
        happened('HeadMoved', { from: HEAD, to: NEW_HEAD, voidedClaim: '12' }),
        happened('GateEvaluated', { gate: 'check_ci_green' }),
        'StageSkipped',
        'StageSkipped',
        happened('StageAdvanced', { from: 'development', to: 'deploy-staging' }),
      )
      .thenTask({ claim: null, merge: null, verdicts: {}, spent: {}, headOid: NEW_HEAD })
      .thenNext('run', 'staging-suite');
  });

  test('is not believed of a look from before the task was told of another', () => {
    given(stagedGreen, observeHead(NEW_HEAD)).when(observeHead(THIRD, HEAD)).thenNothing();
    given(stagedGreen, observeHead(NEW_HEAD)).when(observeHead(HEAD, HEAD)).thenNothing();
  });

  test('is seen once', () => {
    given(submittedForStaging).when(observeHead(HEAD)).thenNothing();
    given(stagedGreen).when(observeHead()).again().thenNothing();
  });

  test('fences the run that it made stale', () => {
    given(submittedForStaging, claim('staging-suite'), observeHead()).when(suiteRan()).thenRejected('stale-claim');
  });

  test('counts until the landing intent', () => {
    given(readyToLand)
      .when(observeHead())
      .accepted()
      .thenTask({ stage: 'deploy-staging', merge: null })
      .thenNext('run', 'staging-suite');
  });

  test('gives the infra budgets back, since they were about the old one', () => {
    given(submittedForStaging, claim('staging-suite'), infraFailed(), observeHead()).thenTask({
      spent: {},
      deferral: null,
    });
  });

  test('does not lift a hold', () => {
    given(stagedGreen, hold, observeHead()).thenNext('await', 'held:person');
    given(stagedGreen, hold, observeHead(), release).thenNext('run', 'staging-suite');
  });

  test('may be the old one again', () => {
    given(stagedGreen, observeHead(), observeHead(HEAD))
      .thenTask({ headOid: HEAD, verdicts: {} })
      .thenNext('run', 'staging-suite');
  });

  test.each(['analysis', 'architecture', 'development'] as const)(
    'before development is over, at %s, voids no claim',
    (startStage) => {
      const role = { analysis: 'analyst', architecture: 'architect', development: 'developer' } as const;
      const running = given(policy(EVERY_AGENT), submit({ startStage }), claim(role[startStage]));
      running
        .when(observeHead())
        .then(happened('HeadMoved', { voidedClaim: null }))
        .thenNext('wait', 'running');
    },
  );

  test('of an analyst or architect leaves their own verdict standing: they commit to the branch', () => {
    given(policy(EVERY_AGENT), submit(), claim('analyst'))
      .when(agentDone('analyst', 'READY', NEW_HEAD))
      .accepted()
      .thenTask({ stage: 'architecture', headOid: NEW_HEAD });
    given(policy(EVERY_AGENT), submit(), claim('analyst'), observeHead())
      .when(agentDone('analyst', 'READY', NEW_HEAD))
      .accepted()
      .thenTask({ stage: 'architecture' });
    given(
      policy(EVERY_AGENT),
      submit(),
      claim('analyst'),
      observeHead(),
      agentDone('analyst', 'READY'),
      observeHead(THIRD),
    ).thenNext('run', 'agent:architect');
  });

  test('seen while the developer still works counts when the developer is done', () => {
    given(
      policy(agents('developer', 'reviewer')),
      submit({ startStage: 'development' }),
      claim('developer'),
      observeHead(),
    )
      .when(agentDone('developer', null, NEW_HEAD))
      .accepted()
      .thenTask({ stage: 'review' });
  });

  test("during a review voids the reviewer's verdict", () => {
    given(policy(EVERY_AGENT), submit({ startStage: 'review' }), claim('reviewer'), observeHead())
      .when(agentDone('reviewer', 'APPROVED'))
      .thenRejected('stale-claim');
  });
});

describe('a run that finds its own head stale', () => {
  test('is void, and nobody pays', () => {
    given(submittedForStaging, claim('staging-suite'))
      .when(reportStale())
      .then(
        happened('HeadMoved', { voidedClaim: '8' }),
        'GateEvaluated',
        'StageSkipped',
        'StageSkipped',
        'StageAdvanced',
      )
      .thenTask({ spent: {}, claim: null, headOid: NEW_HEAD });
  });

  test('and the branch is back where it was: the claim is given back', () => {
    given(submittedForStaging, claim('staging-suite'))
      .when(reportStale(HEAD))
      .then('ClaimReleased')
      .thenNext('run', 'staging-suite');
  });

  test('leaves no claim behind in an early stage either', () => {
    given(policy(EVERY_AGENT), submit(), claim('analyst'))
      .when(reportStale())
      .accepted()
      .thenTask({ claim: null, headOid: NEW_HEAD });
  });
});

describe('a job that tells of a head which it looked up before somebody else told of another', () => {
  const [developing, analysing] = (['development', 'analysis'] as const).map((startStage) => [
    policy(EVERY_AGENT),
    submit({ startStage }),
  ]);

  test('as a developer: its work counts, the head stays', () => {
    given(...(developing ?? []), claim('developer'), observeHead(THIRD))
      .when(agentDone('developer', null, NEW_HEAD))
      .accepted()
      .thenTask({ stage: 'review', headOid: THIRD });
  });

  test('as a stale one: the claim is given back, the head stays', () => {
    given(...(analysing ?? []), claim('analyst'), observeHead(THIRD))
      .when(reportStale())
      .then(happened('ClaimReleased', { reason: 'the branch moved after the job had begun' }))
      .thenTask({ claim: null, headOid: THIRD });
  });

  test('as that of a lost landing: the head that was asked for stays', () => {
    given(readyToLand, claim('landing'), observeHead(THIRD))
      .when(landingLost('head-moved', NEW_HEAD))
      .accepted()
      .thenTask({ headOid: THIRD });
  });
});

describe('a task without a known head', () => {
  test('takes the first one it hears of', () => {
    given(submit({ startStage: 'deploy-staging', headOid: null }))
      .when(observeHead())
      .accepted()
      .thenTask({ headOid: NEW_HEAD, stage: 'deploy-staging' });
  });
});

test('after the end a head is refused', () => {
  given(stagedGreen, cancel).when(observeHead()).thenRejected('task-is-final');
});
