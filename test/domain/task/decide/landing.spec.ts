import { DEFAULT_BUDGETS } from '../../../../src/domain/policy/project-policy';
import type { TaskEventData } from '../../../../src/domain/task/task.events';
import { given, happened, type Move } from '../../../support/given-when-then';
import { TASK } from '../../../support/policies';
import {
  after,
  BASE,
  cancel,
  CANDIDATE,
  changePriority,
  claim,
  freshLane,
  HEAD,
  hold,
  infraFailed,
  interrupted,
  landed,
  landing,
  landingLost,
  lockBusy,
  mergeable,
  MERGED_TREE,
  MINUTE,
  NEW_HEAD,
  observeHead,
  policy,
  reap,
  recovering,
  release,
  releaseClaim,
  repeat,
  reportStale,
  retry,
  stagedGreen,
  unclassified,
} from '../../../support/task-stories';

const NEWER = 'a3'.repeat(20);
const INTENT = { newOid: CANDIDATE, baseOid: BASE, treeOid: MERGED_TREE, headOid: HEAD, epoch: '7' };
/** A recovery whose infra budget is used up. */
const recoveryExhausted = [
  recovering,
  infraFailed(),
  after(MINUTE),
  repeat(2, freshLane, claim('landing-recovery'), infraFailed()),
  [freshLane, claim('landing-recovery'), infraFailed()],
];

describe('a landing', () => {
  test('that happened walks the task to its end', () => {
    given(landing)
      .when(landed())
      .then(
        happened('TaskLanded', { newOid: CANDIDATE, baseOid: BASE, treeOid: MERGED_TREE, recovered: false }),
        happened('GateEvaluated', { gate: 'check_deploy_status', result: 'not-configured' }),
        happened('StageAdvanced', { from: 'deploy', to: 'monitoring' }),
        happened('GateEvaluated', { gate: 'check_monitor_healthy', result: 'not-configured' }),
        happened('StageAdvanced', { from: 'monitoring', to: 'done' }),
      )
      .thenTask({ stage: 'done', landed: { newOid: CANDIDATE, baseOid: BASE } })
      .thenNext('finished', 'done');
  });

  test('counts once', () => {
    given(landing).when(landed()).again().thenRejected('stale-claim');
    given(landing).when(landingLost()).again().thenRejected('stale-claim');
  });

  test('is reported by a landing or its recovery and by nothing else', () => {
    given(stagedGreen, claim('merge-gate')).when(landed()).thenRejected('wrong-job');
    given(stagedGreen, claim('merge-gate')).when(landingLost()).thenRejected('wrong-job');
  });

  test('that found main moved goes back to the merge gate for one landing attempt, and keeps its verdict', () => {
    given(landing)
      .when(landingLost('main-moved'))
      .then(happened('LandingLost', { reason: 'main-moved', spends: { budget: 'landing', key: 'task' } }))
      .thenTask({ stage: 'deploy-staging', claim: null, merge: null, spent: { 'landing:task': 1 }, hold: null })
      .thenTask({ gatesPassed: ['intake', 'check_staging_status'], verdicts: { 'deploy-staging': { passed: true } } })
      .thenNext('run', 'merge-gate');
  });

  test('that found the head moved is stale and spends nothing', () => {
    given(landing)
      .when(landingLost('head-moved', NEW_HEAD))
      .then(
        happened('LandingLost', { spends: null }),
        happened('HeadMoved', { from: HEAD, to: NEW_HEAD, voidedClaim: null }),
        'GateEvaluated',
        'StageSkipped',
        'StageSkipped',
        'StageAdvanced',
      )
      .thenTask({ spent: {}, headOid: NEW_HEAD, verdicts: {} })
      .thenNext('run', 'staging-suite');
  });

  test.each(['main-moved', 'interrupted', 'epoch-lost'] as const)(
    'lost as %s six times holds the task with one alert',
    (reason) => {
      const lap = [mergeable, claim('landing'), landingLost(reason)];
      const five = [stagedGreen, repeat(5, lap)];
      given(five)
        .thenTask({ hold: null, spent: { 'landing:task': 5 } })
        .thenNext('run', 'merge-gate');
      const held = given(five, mergeable, claim('landing'))
        .when(landingLost(reason))
        .then(
          happened('LandingLost', { reason, spends: null }),
          happened('TaskHeld', { reason: 'landing-attempts-exhausted', budget: { budget: 'landing', key: 'task' } }),
          'AlertRaised',
        );
      held.thenTask({ stage: 'deploy-staging' }).thenNext('await', 'held:landing-attempts-exhausted');
      held
        .when(release)
        .then('TaskReleased', 'BudgetRenewed', 'AlertClosed')
        .thenTask({ spent: {} })
        .thenNext('run', 'merge-gate');
    },
  );
});

describe('between the landing intent and its outcome', () => {
  const queuedOnce: readonly [string, Move, Partial<TaskEventData['RequestQueued']>][] = [
    ['a hold', hold, { request: 'hold', by: 'ann', reason: 'wait for the demo' }],
    ['a cancel', cancel, { request: 'cancel', by: 'ann', reason: 'not needed' }],
    ['a new head', observeHead(), { request: 'head-moved', headOid: NEW_HEAD }],
  ];
  test.each(queuedOnce)('%s is queued, once, and changes nothing', (_what, move, queued) => {
    for (const story of [landing, interrupted, recovering]) {
      const waiting = given(story).when(move).then(happened('RequestQueued', queued));
      waiting.thenTask({ stage: 'deploy', hold: null, headOid: HEAD, landed: null });
      expect(waiting.task.claim).toEqual(given(story).task.claim);
      given(story).when(move).again().thenNothing();
    }
  });

  test('a priority may change', () => {
    given(landing).when(changePriority(9)).then('PriorityChanged');
  });

  test('nothing rolls the task back: a stale head, a retry and an outcome of another job are refused', () => {
    given(landing).when(reportStale()).thenRejected('wrong-job');
    given(landing).when(retry).thenRejected('run-in-progress');
    given(interrupted).when(retry).thenRejected('run-in-progress');
  });
});

describe('what was asked for meanwhile is answered with the outcome', () => {
  test('a cancel: too late after a landing', () => {
    given(landing, cancel)
      .when(landed())
      .then(
        'TaskLanded',
        happened('TaskAnnotated', { by: 'ann', text: 'cancel came too late, the task had landed: not needed' }),
        'GateEvaluated',
        'StageAdvanced',
        'GateEvaluated',
        'StageAdvanced',
      )
      .thenTask({ stage: 'done' });
  });

  test('a cancel: granted when the landing was lost, and nothing follows it', () => {
    for (const lost of [landingLost('main-moved'), landingLost('interrupted'), landingLost('head-moved', NEW_HEAD)]) {
      given(landing, cancel).when(lost).then('LandingLost', 'TaskCancelled').thenTask({ stage: 'cancelled' });
    }
    given(landing, cancel, policy({ budgets: { ...DEFAULT_BUDGETS, landing: 0 } }))
      .when(landingLost())
      .then('LandingLost', 'TaskCancelled');
  });

  test('a hold: the task stays where the outcome leaves it', () => {
    given(landing, hold)
      .when(landed())
      .then('TaskLanded', happened('TaskHeld', { reason: 'person', by: 'ann' }))
      .thenTask({ stage: 'deploy' })
      .thenNext('await', 'held:person');
    given(landing, hold).when(landingLost()).then('LandingLost', 'TaskHeld').thenNext('await', 'held:person');
  });

  test('a new head: back to development after a lost landing, an annotation after one that happened', () => {
    given(landing, observeHead())
      .when(landingLost())
      .accepted()
      .thenTask({ headOid: NEW_HEAD, verdicts: {} })
      .thenNext('run', 'staging-suite');
    given(landing, observeHead()).when(landed()).accepted().thenTask({ stage: 'done', headOid: HEAD });
  });

  test('two heads: the last one counts', () => {
    given(landing, observeHead(), observeHead(NEWER)).when(landingLost()).accepted().thenTask({ headOid: NEWER });
  });

  test('each request is answered once, not again by the next landing', () => {
    const secondLanding = [landing, hold, landingLost(), release, mergeable, claim('landing')];
    given(secondLanding).thenTask({ requests: [] });
    given(secondLanding).when(landed()).accepted().thenTask({ stage: 'done' });
    given(secondLanding).when(landingLost()).accepted().thenTask({ hold: null });
    given(secondLanding).when(hold).then('RequestQueued');
  });

  test('a lock that is busy before the landing answers them too: nothing has begun', () => {
    given(landing, cancel).when(lockBusy).then('ToolErrored', 'RunDeferred', 'TaskCancelled');
    given(landing, hold).when(lockBusy).then('ToolErrored', 'RunDeferred', 'TaskHeld');
  });
});

describe('an interrupted landing', () => {
  test.each([
    ['a dead worker', reap()],
    ['a worker that gave up', releaseClaim()],
    ['a tool that broke on the way', infraFailed('GIT_TIMEOUT')],
    ['something unexplained', unclassified],
  ])('after %s only git can tell: recovery is the one next step', (_what, move) => {
    const lost = given(landing, move, after(MINUTE));
    lost.thenTask({ stage: 'deploy', claim: null, interruptedLanding: { intent: INTENT } });
    lost.thenNext('run', 'landing-recovery');
    for (const job of ['landing', 'merge-gate', 'staging-suite'] as const)
      lost.when(claim(job)).thenRejected('not-the-next-step');
  });

  test('that had happened is recorded as recovered', () => {
    given(recovering)
      .when(landed(true))
      .then(happened('TaskLanded', { newOid: CANDIDATE, recovered: true }), ...toTheEnd)
      .thenTask({ stage: 'done', interruptedLanding: null });
  });

  test('that had not happened goes back to the merge gate for one landing attempt', () => {
    given(recovering)
      .when(landingLost('interrupted'))
      .then(happened('LandingLost', { reason: 'interrupted', spends: { budget: 'landing', key: 'task' } }))
      .thenTask({ stage: 'deploy-staging', interruptedLanding: null, spent: { 'landing:task': 1 } })
      .thenNext('run', 'merge-gate');
  });

  test('is remembered with its own intent, however many recoveries die', () => {
    given(recovering, reap(), after(MINUTE), freshLane, claim('landing-recovery'), reap()).thenTask({
      interruptedLanding: { intent: INTENT, token: given(landing).task.claim!.token },
    });
  });

  test('whose recovery cannot get through waits for a person, with one alert', () => {
    const stuck = given(recoveryExhausted);
    stuck.thenTask({
      stage: 'deploy',
      interruptedLanding: { intent: INTENT },
      exhausted: { kind: 'landing-recovery' },
    });
    stuck.thenNext('await', 'held:infra-exhausted');
    expect(stuck.next.why.actor).toBe('person');
    expect(stuck.world.log.filter(({ type }) => type === 'AlertRaised')).toHaveLength(1);
    stuck.when(claim('landing-recovery')).thenRejected('not-the-next-step');
  });

  test('is recovered after a release; the stage is never left before git has answered', () => {
    given(recoveryExhausted)
      .when(release)
      .then('TaskReleased', happened('BudgetRenewed', { budget: 'infra', key: 'landing-recovery' }), 'AlertClosed')
      .thenTask({ stage: 'deploy', interruptedLanding: { intent: INTENT }, spent: { 'crash:deploy': 1 } })
      .thenNext('run', 'landing-recovery');
  });

  test('whose own infra budget ran out is still looked into, hold or not: main may have moved', () => {
    const held = given(landing, infraFailed('GIT_FAILED', { failureClass: 'tool-error', retryable: false }));
    held.thenTask({ hold: { reason: 'infra-exhausted', budget: { budget: 'infra', key: 'landing' } } });
    held.thenNext('run', 'landing-recovery');
  });

  test('whose recovery nothing explains waits for a person instead of trying for ever', () => {
    const stuck = given(recovering, unclassified);
    stuck.thenNext('await', 'held:unclassified');
    given(recovering, unclassified, release).thenNext('run', 'landing-recovery');
  });
});

describe('after the landing', () => {
  /** Recovered while it was held for its exhausted infra budget. */
  const heldAndLanded = [
    landing,
    infraFailed('GIT_FAILED', { failureClass: 'tool-error', retryable: false }),
    freshLane,
    claim('landing-recovery'),
    landed(true),
  ];

  test('a release lets the task go on and rolls nothing back', () => {
    given(heldAndLanded).thenTask({ stage: 'deploy', hold: { reason: 'infra-exhausted' } });
    given(heldAndLanded)
      .when(release)
      .then('TaskReleased', 'BudgetRenewed', ...toTheEnd, 'AlertClosed')
      .thenTask({ stage: 'done' });
  });

  test('a cancel and a retry are refused', () => {
    given(heldAndLanded).when(cancel).thenRejected('landed-already');
    given(heldAndLanded).when(retry).thenRejected('landed-already');
  });

  test('a head that moves is an annotation, one for each head', () => {
    const seen = given(landing, hold, landed()).when(observeHead());
    seen.then(happened('TaskAnnotated', { by: 'stagegate' })).thenTask({ stage: 'deploy', headOid: HEAD });
    seen.again().thenNothing();
    seen.accepted().when(observeHead(NEWER)).then('TaskAnnotated').when(observeHead(HEAD)).thenNothing();
  });

  test('a required gate that is not configured holds the task; it does not send it back', () => {
    given(policy({ requiredGates: ['check_deploy_status'] }), landing)
      .when(landed())
      .then(
        'TaskLanded',
        happened('GateEvaluated', { result: 'not-configured' }),
        happened('TaskHeld', { reason: 'gate' }),
        'AlertRaised',
      )
      .thenTask({ stage: 'deploy', landed: { newOid: CANDIDATE } });
  });
});

test('a task keeps its lane from the merge gate to the outcome of the landing', () => {
  expect(given(landing).task.claim).toMatchObject({ laneEpoch: '7', landing: { epoch: '7' } });
  expect(given(recovering).task.claim).toMatchObject({ laneEpoch: '8' });
  expect(TASK).toBe(given(landing).task.id);
});

const toTheEnd = ['GateEvaluated', 'StageAdvanced', 'GateEvaluated', 'StageAdvanced'] as const;
