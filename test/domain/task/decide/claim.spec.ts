import { given, happened } from '../../../support/given-when-then';
import { DEFAULT_BUDGETS } from '../../../../src/domain/policy/project-policy';
import { decide } from '../../../../src/domain/task/task.decider';
import { contextAt, OTHER_TASK, TASK } from '../../../support/policies';
import {
  after,
  cancel,
  changePriority,
  citing,
  claim,
  hold,
  infraFailed,
  lane,
  landing,
  mergeable,
  policy,
  MINUTE,
  readyToLand,
  reap,
  recovering,
  freshLane,
  interrupted,
  refuseStale,
  release,
  releaseClaim,
  repeat,
  stagedGreen,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const running = [submittedForStaging, claim('staging-suite')];
const TOKEN = given(running).token;

describe('claiming', () => {
  test('the next step is taken by one worker, and the revision of its claim is the token', () => {
    const claimed = given(submittedForStaging)
      .when(claim('staging-suite'))
      .then(happened('TransitionClaimed', { worker: 'ann', stage: 'deploy-staging', laneEpoch: null, landing: null }));
    expect(claimed.task.claim).toMatchObject({ token: TOKEN, worker: 'ann' });
    expect(claimed.task.revision).toBe(BigInt(TOKEN));
    claimed.thenNext('wait', 'running');
  });

  test('the same claim again is no second event', () => {
    given(submittedForStaging).when(claim('staging-suite')).again().thenNothing();
    given(running, changePriority(4)).when(claim('staging-suite')).thenNothing();
  });

  test('a second worker is refused while the first one works', () => {
    given(running).when(claim('staging-suite', 'bob')).thenRejected('already-claimed');
  });

  test.each(['merge-gate', 'landing', 'landing-recovery', 'developer'] as const)(
    '%s is refused when the staging suite is next',
    (job) => {
      given(submittedForStaging).when(claim(job)).thenRejected('not-the-next-step');
    },
  );

  test('nothing is claimed while the task is held or waits out a back-off', () => {
    given(submittedForStaging, hold).when(claim('staging-suite')).thenRejected('not-the-next-step');
    const deferred = given(running, infraFailed());
    deferred.when(claim('staging-suite', 'bob')).thenRejected('not-the-next-step');
    given(running, infraFailed(), after(60 * MINUTE))
      .when(claim('staging-suite', 'bob'))
      .then('TransitionClaimed');
  });

  test.each([
    ['free', { holder: null, nextInLine: null }],
    ['free and another task is first in line', { holder: null, nextInLine: OTHER_TASK }],
    ["another task's", { holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null }],
  ])('a job that needs the lane is refused while the lane is %s', (_what, view) => {
    given(stagedGreen, lane(view)).when(claim('merge-gate')).thenRejected('not-the-next-step');
    given(readyToLand, lane(view)).when(claim('landing')).thenRejected('not-the-next-step');
  });

  test('a job that needs the lane cites its grant', () => {
    given(stagedGreen, lane({ holder: { taskId: TASK, epoch: '41' }, nextInLine: OTHER_TASK }))
      .when(claim('merge-gate'))
      .then(happened('TransitionClaimed', { laneEpoch: '41' }));
  });

  test('an interrupted landing is looked into under a newer grant only: the old owner may still be alive', () => {
    const stale = lane({ holder: { taskId: TASK, epoch: '7' }, nextInLine: null });
    given(interrupted, stale).when(claim('landing-recovery')).thenRejected('not-the-next-step');
    given(interrupted, stale, freshLane)
      .when(claim('landing-recovery'))
      .then(happened('TransitionClaimed', { laneEpoch: '8', landing: null }));
  });
});

describe('the fence', () => {
  test.each([
    ['a result', suiteRan()],
    ['an infrastructure failure', infraFailed()],
    ['a release', releaseClaim()],
    ['a reap', reap()],
  ])('%s that cites another claim than the open one is refused', (_what, move) => {
    for (const token of [String(Number(TOKEN) - 1), String(Number(TOKEN) + 1), `0${TOKEN}`, `${TOKEN} `, ''])
      given(running).when(citing(token, move)).thenRejected('stale-claim');
  });

  test('a result counts once', () => {
    given(running).when(suiteRan()).again().thenRejected('stale-claim');
    given(running).when(infraFailed()).again().thenRejected('stale-claim');
    given(running).when(releaseClaim()).again().thenRejected('stale-claim');
    given(running).when(reap()).again().thenRejected('stale-claim');
  });

  test('a reaped worker is fenced out even when it takes the same step again', () => {
    const retaken = given(running, reap(), claim('staging-suite', 'bob'));
    retaken.when(citing(TOKEN, suiteRan())).thenRejected('stale-claim');
    retaken.when(suiteRan()).accepted().thenNext('run', 'merge-gate');
  });

  test('other appends move the revision and leave the claim open', () => {
    given(running, changePriority(4)).when(suiteRan()).accepted().thenNext('run', 'merge-gate');
  });

  test('a result of the wrong kind is refused although it cites the open claim', () => {
    given(stagedGreen, claim('merge-gate')).when(suiteRan()).thenRejected('wrong-job');
  });

  test('a refused result is written down and changes nothing but the revision', () => {
    const before = given(running, reap());
    const { revision, ...rest } = before.task;
    const afterwards = before.when(refuseStale(TOKEN)).then('StaleResultRefused').task;
    expect(afterwards).toEqual({ ...rest, revision: revision + 1n });
  });

  test('the open claim is never called stale', () => {
    given(running).when(refuseStale(TOKEN)).thenNothing();
  });
});

describe('reaping', () => {
  test('a claim is taken away before it where the clock was set back, by whoever has watched it for its whole time', () => {
    const running = given(submittedForStaging, claim('staging-suite'), after(-120 * MINUTE));
    const command = reap('deadline').move(running.task, running.world.at);
    const decided = (watchedMs: number) => {
      const context = contextAt(running.world.at);
      return decide(running.task, command, { ...context, surroundings: { ...context.surroundings, watchedMs } });
    };
    expect(decided(30 * MINUTE - 1)).toMatchObject({ kind: 'reject', reason: 'deadline-not-reached' });
    expect(decided(30 * MINUTE)).toMatchObject({ kind: 'accept' });
  });

  test('a claim is taken away at its deadline and not a moment before', () => {
    given(running, after(30 * MINUTE - 1))
      .when(reap('deadline'))
      .thenRejected('deadline-not-reached');
    given(running, after(30 * MINUTE - 1)).thenNext('wait', 'running');
    given(running, after(30 * MINUTE))
      .thenNext('decide', 'ReapTransition')
      .when(reap('deadline'))
      .then('TransitionReaped');
  });

  test('a claim of a dead worker is taken away at once', () => {
    given(running)
      .when(reap('owner-dead'))
      .then(happened('TransitionReaped', { claim: TOKEN, reason: 'owner-dead' }))
      .thenTask({ claim: null, stage: 'deploy-staging', hold: null })
      .thenNext('run', 'staging-suite');
  });

  test('the second crash in a row waits before the next try', () => {
    given(running, reap(), claim('staging-suite', 'bob'), reap()).thenNext('wait', 'deferred');
  });

  test('a crash spends the crash budget and no other', () => {
    given(running, reap(), claim('staging-suite', 'bob'), reap()).thenTask({ spent: { 'crash:deploy-staging': 2 } });
  });

  test('ten restarts are free, the eleventh crash holds the task and alerts once', () => {
    const tenCrashes = [submittedForStaging, repeat(10, claim('staging-suite'), reap())];
    given(tenCrashes).thenTask({ hold: null });
    const held = given(tenCrashes, claim('staging-suite'))
      .when(reap())
      .then(
        'TransitionReaped',
        happened('TaskHeld', { reason: 'crash-exhausted', budget: { budget: 'crash', key: 'deploy-staging' } }),
        'AlertRaised',
      );
    held.thenNext('await', 'held:crash-exhausted');
    held
      .when(release)
      .then('TaskReleased', happened('BudgetRenewed', { budget: 'crash' }), 'AlertClosed')
      .thenTask({ spent: {} });
  });

  test('a stage that was passed owes nothing any more', () => {
    const crashed = [running, reap(), claim('staging-suite', 'bob'), suiteRan()];
    given(crashed).thenTask({ spent: { 'crash:deploy-staging': 1 } });
    expect(given(crashed, mergeable).task).toMatchObject({ stage: 'deploy', spent: {} });
  });

  test('a recovery that crashes again and again holds the task with one alert and then waits for a person', () => {
    const twice = [recovering, reap(), after(60 * MINUTE)];
    const crash = [freshLane, claim('landing-recovery'), reap()];
    given(twice, repeat(8, crash)).thenTask({ hold: null, spent: { 'crash:deploy': 10 } });
    const poisoned = given(twice, repeat(9, crash));
    poisoned.thenTask({ hold: { reason: 'crash-exhausted' } }).thenNext('await', 'held:crash-exhausted');
    expect(poisoned.world.log.filter(({ type }) => type === 'AlertRaised')).toHaveLength(1);
    given(twice, repeat(9, crash), release)
      .thenTask({ stage: 'deploy', hold: null, spent: {} })
      .thenNext('run', 'landing-recovery');
  });

  test('a landing whose crash is the last one allowed is still looked into once: main may have moved', () => {
    const crash = [freshLane, claim('landing-recovery'), reap(), after(60 * MINUTE)];
    const held = given(landing, reap(), policy({ budgets: { ...DEFAULT_BUDGETS, crash: 1 } }), after(1), crash);
    held.thenTask({ hold: { reason: 'crash-exhausted' } }).thenNext('await', 'held:crash-exhausted');
    const first = given(
      policy({ budgets: { ...DEFAULT_BUDGETS, crash: 0 } }),
      landing,
      reap(),
      freshLane,
      after(MINUTE),
    );
    first.thenTask({ hold: { reason: 'crash-exhausted' } }).thenNext('run', 'landing-recovery');
    const again = given(policy({ budgets: { ...DEFAULT_BUDGETS, crash: 0 } }), landing, reap(), after(MINUTE), crash);
    again.thenNext('await', 'held:crash-exhausted');
    expect(again.world.log.filter(({ type }) => type === 'AlertRaised')).toHaveLength(1);
  });
});

describe('giving a claim back', () => {
  test('costs nothing and leaves the step to the next worker', () => {
    given(running)
      .when(releaseClaim())
      .then(happened('ClaimReleased', { claim: TOKEN }))
      .thenTask({ claim: null, spent: {}, deferral: null })
      .thenNext('run', 'staging-suite');
  });
});

describe('cancelling', () => {
  test('closes the claim of the run under way', () => {
    const cancelled = given(running).when(cancel).then('TaskCancelled');
    cancelled.thenTask({ stage: 'cancelled', claim: null }).when(suiteRan()).thenRejected('stale-claim');
  });
});
