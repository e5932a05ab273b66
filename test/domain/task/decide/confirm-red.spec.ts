import { findingOf } from '../../../../src/domain/merge/colours';
import { DEFAULT_FLAKE_RETRIES } from '../../../../src/domain/policy/project-policy';
import { maxDurationMs } from '../../../../src/domain/task/job';
import { given, happened, type Line } from '../../../support/given-when-then';
import { POLICY } from '../../../support/policies';
import {
  after,
  BASE,
  citing,
  claim,
  HEAD,
  infraFailed,
  MERGED_TREE,
  MINUTE,
  observeHead,
  NEW_HEAD,
  policy,
  rebasedOnto,
  redSeen,
  release,
  releaseClaim,
  repeat,
  retested,
  retry,
  RUN,
  stagedGreen,
  submittedForStaging,
  suiteRan,
  switches,
  TREE,
} from '../../../support/task-stories';

const atTheGate: Line = [stagedGreen, claim('merge-gate'), rebasedOnto()];
const FLAKE = { budget: 'flake', key: 'merge-gate' } as const;
/** Red, then green on the same tree. */
const flaked: Line = [atTheGate, redSeen(), retested()];
const again: Line = [claim('merge-gate'), rebasedOnto()];

test.each([
  ['green', null, true, 'green'],
  ['red', null, true, 'unconfirmed'],
  ['red', null, false, 'red'],
  ['red', 'red', true, 'red'],
  ['green', 'red', true, 'inconclusive'],
  ['red', 'green', true, 'inconclusive'],
  ['green', 'green', true, 'green'],
  // It was recorded to be compared: switching off does not make it unseen.
  ['green', 'red', false, 'inconclusive'],
] as const)('%s after %s, confirmed %s: %s', (colour, before, isConfirmed, finding) => {
  expect(findingOf(colour, before && { colour: before, runId: 'r' }, isConfirmed)).toBe(finding);
});

describe('a red re-test', () => {
  test('is recorded before it runs again, and leads to nothing', () => {
    given(atTheGate)
      .when(redSeen())
      .then(happened('RedObserved', { job: { kind: 'merge-gate' }, treeOid: MERGED_TREE }))
      .thenTask({ stage: 'deploy-staging', failure: null, redOnce: { runId: 'run-before', treeOid: MERGED_TREE } })
      .thenNext('wait', 'running');
  });

  test('twice: one roll-back, one developer retry, and nothing is left of it', () => {
    given(atTheGate, redSeen())
      .when(retested({ exitCode: 1 }))
      .then(
        happened('RetestFinished', { outcome: 'red', before: { colour: 'red', runId: 'run-before' } }),
        happened('GateEvaluated', { result: 'fail', reason: 'red' }),
        happened('StageRolledBack', { reason: 'red', spends: { budget: 'developer', key: 'task' } }),
      )
      .thenTask({ stage: 'development', redOnce: null, sentBack: { failure: { class: 'red', tries: 1 } } });
  });

  test('and a green one: held as inconclusive with one alert, no roll-back, no developer retry', () => {
    const held = given(atTheGate, redSeen())
      .when(retested())
      .then(
        happened('RetestFinished', { outcome: 'inconclusive', before: { colour: 'red', runId: 'run-before' } }),
        happened('GateEvaluated', { result: 'hold', reason: 'inconclusive' }),
        happened('TaskHeld', { reason: 'inconclusive', budget: FLAKE, job: { kind: 'merge-gate' } }),
        'AlertRaised',
      );
    held.thenTask({ stage: 'deploy-staging', spent: {}, hold: { failure: { class: 'inconclusive', tries: 1 } } });
    expect(held.task.failure?.evidence).toEqual([`run run-before was red, run ${RUN.runId} on the same tree green`]);
  });

  test('and a green one: whichever of release and retry says go on, the stage begins anew and may land', () => {
    for (const move of [release, retry])
      given(flaked, move)
        .thenTask({ redOnce: null, merge: null, hold: null })
        .thenNext('run', 'staging-suite')
        .when(claim('staging-suite'))
        .accepted()
        .when(suiteRan())
        .accepted()
        .when(claim('merge-gate'))
        .accepted()
        .when(rebasedOnto())
        .accepted()
        .when(retested())
        .accepted()
        .thenTask({ stage: 'deploy' });
  });

  test('after a green verdict on the very tree: two colours already, so it is not asked a third time', () => {
    const atHead: Line = [stagedGreen, claim('merge-gate'), rebasedOnto(BASE, HEAD, TREE)];
    given(atHead)
      .when(retested({ exitCode: 1, newOid: HEAD, treeOid: TREE }))
      .then(
        happened('RetestFinished', {
          outcome: 'inconclusive',
          before: { colour: 'green', runId: expect.any(String) as string },
        }),
        'GateEvaluated',
        happened('TaskHeld', { reason: 'inconclusive' }),
        'AlertRaised',
      );
    const elsewhere = { exitCode: 1, newOid: HEAD, treeOid: TREE, environmentDigest: '0'.repeat(64) };
    given(atHead).when(retested(elsewhere)).then('RedObserved', 'ClaimReleased');
  });

  test('that its worker took for the answer runs once more by the next claim', () => {
    given(atTheGate)
      .when(retested({ exitCode: 1 }))
      .then('RedObserved', happened('ClaimReleased', { reason: 'a red runs once more before it counts' }))
      .thenNext('run', 'merge-gate')
      .when(claim('merge-gate'))
      .accepted()
      .when(rebasedOnto())
      .accepted()
      .when(retested({ exitCode: 1 }))
      .then(happened('RetestFinished', { outcome: 'red' }), 'GateEvaluated', 'StageRolledBack');
  });

  test('counts by itself where that is switched off', () => {
    given(switches({ confirmRed: false }), atTheGate)
      .when(retested({ exitCode: 1 }))
      .then(happened('RetestFinished', { outcome: 'red' }), 'GateEvaluated', 'StageRolledBack');
  });

  test.each<[string, Line]>([
    ['an infrastructure failure', [infraFailed(), after(60 * MINUTE)]],
    ['a shutdown', [releaseClaim()]],
  ])('is confirmed or contradicted by the next run on the tree, if %s came between', (_what, between) => {
    const story: Line = [atTheGate, redSeen(), between, again];
    given(story)
      .when(retested())
      .then(happened('RetestFinished', { outcome: 'inconclusive' }), 'GateEvaluated', 'TaskHeld', 'AlertRaised');
    given(story)
      .when(retested({ exitCode: 1 }))
      .then(happened('RetestFinished', { outcome: 'red' }), 'GateEvaluated', 'StageRolledBack');
  });

  test('and infrastructure: the infra path, of which the change knows nothing', () => {
    given(atTheGate, redSeen())
      .when(infraFailed())
      .then('ToolErrored', happened('RunDeferred', { spends: { budget: 'infra', key: 'merge-gate' } }))
      .thenTask({ stage: 'deploy-staging', redOnce: { runId: 'run-before' } });
  });

  test('on another tree, or of another suite, is another matter', () => {
    const other = '9a'.repeat(20);
    given(atTheGate, redSeen(), releaseClaim(), claim('merge-gate'), rebasedOnto(BASE, 'c9'.repeat(20), other))
      .when(retested({ newOid: 'c9'.repeat(20), treeOid: other }))
      .then(
        happened('RetestFinished', { outcome: 'green' }),
        ...Array.from({ length: 6 }, () => 'GateEvaluated' as const),
        'StageAdvanced',
      );
    given(atTheGate, redSeen(), releaseClaim(), again)
      .when(retested({ suiteDigest: '0'.repeat(64) }))
      .then(
        happened('RetestFinished', { outcome: 'green' }),
        ...Array.from({ length: 6 }, () => 'GateEvaluated' as const),
        'StageAdvanced',
      );
  });

  test('is forgotten with its commit', () => {
    given(atTheGate, redSeen(), observeHead(NEW_HEAD)).thenTask({ redOnce: null, stage: 'deploy-staging' });
  });

  test('is recorded for the owner of the open claim alone, and for a suite', () => {
    const stale = given(atTheGate).token;
    given(atTheGate, releaseClaim()).when(citing(stale, redSeen())).thenRejected('stale-claim');
    given(stagedGreen, claim('merge-gate'), rebasedOnto(), retested(), claim('landing'))
      .when(redSeen())
      .thenRejected('wrong-job');
  });
});

describe('a project that retries what is inconclusive', () => {
  const retrying = policy({ onInconclusive: 'retry' });
  const flakedAgain: Line = [again, redSeen(), retested()];

  test('looks again after a pause, at the price of its own budget, at the re-test alone', () => {
    given(retrying, atTheGate, redSeen())
      .when(retested())
      .then(
        happened('RetestFinished', { outcome: 'inconclusive' }),
        'GateEvaluated',
        happened('RunDeferred', {
          failureClass: 'inconclusive',
          spends: FLAKE,
          spent: 1,
          limit: DEFAULT_FLAKE_RETRIES,
        }),
      )
      .thenTask({ merge: null, redOnce: null, spent: { 'flake:merge-gate': 1 } })
      .thenNext('wait', 'deferred');
    given(retrying, flaked, after(60 * MINUTE)).thenNext('run', 'merge-gate');
  });

  test('lands what is green then, and forgets', () => {
    given(retrying, flaked, after(60 * MINUTE), again, retested()).thenTask({ stage: 'deploy', spent: {} });
  });

  test('holds when the budget is used up, and a release gives it back', () => {
    const story: Line = [retrying, flaked, after(60 * MINUTE), repeat(DEFAULT_FLAKE_RETRIES, flakedAgain)];
    const held = given(story).thenTask({
      hold: { reason: 'inconclusive' },
      spent: { 'flake:merge-gate': DEFAULT_FLAKE_RETRIES },
    });
    held.when(release).accepted().thenTask({ spent: {}, hold: null });
  });

  test('holds at once where it has none', () => {
    const none = policy({ onInconclusive: 'retry', budgets: { ...POLICY.budgets, flake: 0 } });
    given(none, flaked).thenTask({ hold: { reason: 'inconclusive' } });
  });
});

describe('a suite of a stage', () => {
  const confirming = policy({ staging: { ...POLICY.staging, confirmRed: true } });
  const running: Line = [submittedForStaging, claim('staging-suite')];
  const red = redSeen({ treeOid: TREE });

  test('counts at the first red, unless its project confirms them', () => {
    given(running)
      .when(suiteRan({ exitCode: 1 }))
      .then('StagingSuiteExecuted', 'VerdictRecorded', 'GateEvaluated', 'StageRolledBack');
    given(confirming, running)
      .when(suiteRan({ exitCode: 1 }))
      .then('RedObserved', 'ClaimReleased')
      .thenNext('run', 'staging-suite');
    given(switches({ confirmRed: false }), confirming, running)
      .when(suiteRan({ exitCode: 1 }))
      .accepted()
      .thenTask({ stage: 'development' });
  });

  test('red twice goes back, red and green is held; release runs it anew', () => {
    given(confirming, running, red)
      .when(suiteRan({ exitCode: 1 }))
      .accepted()
      .thenTask({ stage: 'development' });
    const held = given(confirming, running, red)
      .when(suiteRan())
      .then(
        'StagingSuiteExecuted',
        happened('VerdictRecorded', {
          status: 'FAILED',
          passed: false,
          cause: 'inconclusive',
          before: { colour: 'red', runId: 'run-before' },
        }),
        happened('GateEvaluated', { result: 'hold', reason: 'inconclusive' }),
        happened('TaskHeld', { reason: 'inconclusive' }),
        'AlertRaised',
      );
    held.when(release).accepted().thenNext('run', 'staging-suite').thenTask({ verdicts: {} });
  });

  test('is retried by policy', () => {
    given(confirming, policy({ onInconclusive: 'retry' }), running, red, suiteRan(), after(60 * MINUTE)).thenNext(
      'run',
      'staging-suite',
    );
  });
});

test('the time of a job has room for the second run', () => {
  const { staging } = POLICY;
  const suite = staging.timeoutMs + staging.graceMs;
  expect(maxDurationMs({ kind: 'merge-gate' }, POLICY)).toBeGreaterThan(2 * suite);
  expect(maxDurationMs({ kind: 'staging-suite' }, POLICY)).toBeLessThan(2 * suite);
  expect(
    maxDurationMs({ kind: 'staging-suite' }, { ...POLICY, staging: { ...staging, confirmRed: true } }),
  ).toBeGreaterThan(2 * suite);
});
