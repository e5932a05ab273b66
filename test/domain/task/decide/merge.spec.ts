import { proveSkip, type GreenVerdict, type RetestSubject } from '../../../../src/domain/merge/skip-proof';
import { CLASS_EFFECTS, FAILURE_CLASSES } from '../../../../src/domain/merge/failure-class';
import { given, happened } from '../../../support/given-when-then';
import { agents } from '../../../support/policies';
import {
  agentDone,
  BASE,
  CANDIDATE,
  citing,
  claim,
  conflicted,
  ENVIRONMENT_DIGEST,
  HEAD,
  hold,
  MERGED_TREE,
  NEW_HEAD,
  nothingToLand,
  observeHead,
  policy,
  readyToLand,
  rebasedOnto,
  redSeen,
  release,
  retested,
  retestSkipped,
  retry,
  RUN,
  stagedGreen,
  submittedForStaging,
  SUITE_DIGEST,
  switches,
  TREE,
} from '../../../support/task-stories';

/** Revision of the green verdict of staging. */
const STAGED_AT = given(stagedGreen).task.verdicts['deploy-staging']?.revision ?? 'none';
const PROOF = {
  treeOid: TREE,
  baseOid: BASE,
  suiteDigest: SUITE_DIGEST,
  environmentDigest: ENVIRONMENT_DIGEST,
  policyDigest: 'd'.repeat(64),
  verdictRevision: STAGED_AT,
};

const atTheGate = [stagedGreen, claim('merge-gate')];
const OTHER = 'f9'.repeat(20);

describe('the merge gate', () => {
  test('rebased and green: all gates of the stage in order, and the landing is next', () => {
    given(atTheGate)
      .when(rebasedOnto())
      .then(happened('BranchRebased', { outcome: 'clean', newOid: CANDIDATE, baseOid: BASE, conflictPaths: [] }))
      .thenNext('wait', 'running')
      .when(retested())
      .then(
        happened('RetestFinished', { outcome: 'green' }),
        happened('GateEvaluated', {
          gate: 'check_branch_mergeable',
          result: 'pass',
          evidence: { headOid: HEAD, baseOid: BASE, newOid: CANDIDATE, treeOid: MERGED_TREE },
        }),
        happened('GateEvaluated', { gate: 'check_no_silent_revert', result: 'not-configured' }),
        happened('GateEvaluated', { gate: 'check_tests_not_weakened', result: 'not-configured' }),
        happened('GateEvaluated', { gate: 'check_security', result: 'not-configured' }),
        happened('GateEvaluated', { gate: 'check_coverage', result: 'not-configured' }),
        happened('GateEvaluated', { gate: 'check_image_fresh', result: 'not-configured' }),
        happened('StageAdvanced', { from: 'deploy-staging', to: 'deploy' }),
      )
      .thenNext('run', 'landing');
  });

  test('red twice: back to development for one developer retry', () => {
    given(atTheGate, rebasedOnto(), redSeen())
      .when(retested({ exitCode: 1 }))
      .then(
        happened('RetestFinished', { outcome: 'red' }),
        happened('GateEvaluated', { gate: 'check_branch_mergeable', result: 'fail', reason: 'red' }),
        happened('StageRolledBack', { reason: 'red', spends: { budget: 'developer', key: 'task' } }),
      )
      .thenTask({ stage: 'development', merge: null, verdicts: {} });
  });

  test('a conflict: back to development, with the paths in the evidence', () => {
    given(atTheGate)
      .when(conflicted('src/a.ts', 'src/b.ts'))
      .then(
        happened('BranchRebased', { outcome: 'conflict', newOid: null, conflictPaths: ['src/a.ts', 'src/b.ts'] }),
        happened('GateEvaluated', { result: 'fail', reason: 'conflict' }),
        happened('StageRolledBack', { reason: 'conflict', spends: { budget: 'developer', key: 'task' } }),
      )
      .thenTask({ stage: 'development', claim: null });
  });

  test('both colours on one tree: held as inconclusive with one alert, no developer retry', () => {
    const held = given(atTheGate, rebasedOnto(), {
      type: 'RetestFinished',
      data: {
        claim: given(atTheGate).token,
        outcome: 'inconclusive',
        run: RUN,
        newOid: CANDIDATE,
        baseOid: BASE,
        treeOid: MERGED_TREE,
      },
    });
    const gated = held.when(hold).accepted().when(release);
    gated.then(
      'TaskReleased',
      happened('GateEvaluated', { result: 'hold', reason: 'inconclusive' }),
      happened('TaskHeld', { reason: 'inconclusive', detail: expect.stringContaining('red and green') as string }),
      'AlertRaised',
    );
    gated.accepted().when(release).accepted().thenTask({ merge: null, spent: {} }).thenNext('run', 'staging-suite');
  });

  test('nothing left to land: done, the rest of the pipeline recorded as skipped', () => {
    given(atTheGate)
      .when(nothingToLand)
      .then(
        'NothingToLand',
        happened('StageSkipped', { stage: 'deploy', reason: 'nothing to land' }),
        happened('StageSkipped', { stage: 'monitoring' }),
        happened('StageAdvanced', { from: 'deploy-staging', to: 'done' }),
      )
      .thenTask({ stage: 'done', landed: null })
      .thenNext('finished', 'done');
  });

  test('"nothing to land" of one head says nothing about the next one', () => {
    given(atTheGate, hold, nothingToLand, observeHead(), release)
      .thenTask({ stage: 'deploy-staging', nothingToLand: false })
      .thenNext('run', 'staging-suite');
    given(atTheGate, hold, nothingToLand, retry).thenTask({ stage: 'deploy-staging' }).thenNext('run', 'staging-suite');
  });

  test('a gate that is required and not configured holds the task instead of passing it over', () => {
    const required = policy({ requiredGates: ['check_security'] });
    const held = given(required, atTheGate, rebasedOnto()).when(retested());
    held.then(
      'RetestFinished',
      'GateEvaluated',
      'GateEvaluated',
      happened('GateEvaluated', { gate: 'check_tests_not_weakened', result: 'not-configured' }),
      happened('GateEvaluated', { gate: 'check_security', result: 'not-configured' }),
      happened('TaskHeld', { reason: 'gate' }),
      'AlertRaised',
    );
    held.accepted().thenTask({ stage: 'deploy-staging' });
    given(required, atTheGate, rebasedOnto(), retested(), policy({ requiredGates: [] }), release).thenNext(
      'run',
      'landing',
    );
  });

  test.each([
    ['another commit', { newOid: OTHER }],
    ['another tree', { treeOid: OTHER }],
    ['another base', { baseOid: OTHER }],
  ])('a re-test of %s than the recorded candidate proves nothing', (_what, other) => {
    given(atTheGate, rebasedOnto()).when(retested(other)).thenRejected('other-candidate');
  });

  test('a re-test without a recorded candidate proves nothing', () => {
    given(atTheGate).when(retested()).thenRejected('other-candidate');
    given(atTheGate).when(retestSkipped()).thenRejected('other-candidate');
  });

  test.each([
    ['a rebase', 'RecordRebase', { newOid: CANDIDATE, treeOid: MERGED_TREE }],
    ['a conflict', 'ReportConflict', { paths: ['a'] }],
    ['an empty change', 'ReportNothingToLand', {}],
  ] as const)('%s of another head than the claimed one is refused', (_what, type, rest) => {
    const move = { move: () => ({ type, data: { claim: '', headOid: NEW_HEAD, baseOid: BASE, ...rest } }) as never };
    given(atTheGate)
      .when(citing(given(atTheGate).token, move))
      .thenRejected('other-candidate');
  });
});

describe('a skipped re-test', () => {
  const current = [atTheGate, rebasedOnto(BASE, HEAD, TREE)];

  test('counts with a proof that rests on the green staging verdict', () => {
    given(current)
      .when(retestSkipped())
      .then(
        happened('RetestSkipped', { proof: PROOF }),
        happened('GateEvaluated', {
          gate: 'check_branch_mergeable',
          result: 'pass',
          evidence: { headOid: HEAD, newOid: HEAD, treeOid: TREE, skippedBy: '10' },
        }),
        'GateEvaluated',
        'GateEvaluated',
        'GateEvaluated',
        'GateEvaluated',
        'GateEvaluated',
        'StageAdvanced',
      )
      .thenNext('run', 'landing');
  });

  test.each([
    ['another tree', { treeOid: OTHER }],
    ['another base', { baseOid: OTHER }],
    ['another suite', { suiteDigest: '0'.repeat(64) }],
    ['another environment', { environmentDigest: '0'.repeat(64) }],
    ['another policy', { policyDigest: '0'.repeat(64) }],
    ['another verdict', { verdictRevision: '9' }],
  ])('is refused with a proof about %s', (_what, part) => {
    given(current).when(retestSkipped(part)).thenRejected('other-candidate');
  });

  test('is refused when the candidate is not the tested head itself', () => {
    given(atTheGate, rebasedOnto(BASE, CANDIDATE, MERGED_TREE))
      .when(retestSkipped())
      .thenRejected('other-candidate');
    given(atTheGate, rebasedOnto(OTHER, HEAD, TREE))
      .when(retestSkipped())
      .thenRejected('other-candidate');
  });

  test("is refused on an agent's word: it names no suite and no environment", () => {
    given(
      switches({ stagingRunner: false }),
      policy(agents('deployer')),
      submittedForStaging,
      claim('deployer'),
      agentDone('deployer', 'SUCCESS'),
      claim('merge-gate'),
      rebasedOnto(BASE, HEAD, TREE),
    )
      .when(retestSkipped())
      .thenRejected('other-candidate');
  });
});

describe('the skip proof', () => {
  const same = {
    headOid: HEAD,
    treeOid: TREE,
    baseOid: BASE,
    suiteDigest: SUITE_DIGEST,
    environmentDigest: ENVIRONMENT_DIGEST,
    policyDigest: 'd'.repeat(64),
  };
  const verdict: GreenVerdict = { revision: STAGED_AT, ...same };
  const subject: RetestSubject = { ...same, containsBase: true };

  test('holds when everything is the same', () => {
    expect(proveSkip(verdict, subject)).toEqual(PROOF);
  });

  test.each(['headOid', 'treeOid', 'baseOid', 'suiteDigest', 'environmentDigest', 'policyDigest'] as const)(
    'fails when %s differs',
    (key) => {
      expect(proveSkip(verdict, { ...subject, [key]: '0'.repeat(64) })).toBeNull();
      expect(proveSkip({ ...verdict, [key]: '0'.repeat(64) }, subject)).toBeNull();
    },
  );

  test('fails without a verdict, and when the branch lacks a commit of main', () => {
    expect(proveSkip(null, subject)).toBeNull();
    expect(proveSkip(verdict, { ...subject, containsBase: false })).toBeNull();
  });
});

describe('the failure classes', () => {
  test('only red and conflict roll back, only they cost a developer retry', () => {
    const costly = FAILURE_CLASSES.filter((name) => CLASS_EFFECTS[name].budget === 'developer');
    expect(costly).toEqual(['red', 'conflict']);
    expect(FAILURE_CLASSES.filter((name) => CLASS_EFFECTS[name].effect === 'rollback')).toEqual(['red', 'conflict']);
  });

  test('are a closed list, each with an effect', () => {
    expect(Object.keys(CLASS_EFFECTS)).toEqual([...FAILURE_CLASSES]);
    expect(CLASS_EFFECTS.other).toEqual({ effect: 'hold', budget: 'none' });
    expect(CLASS_EFFECTS['lock-busy'].budget).toBe('none');
    expect(Object.isFrozen(CLASS_EFFECTS)).toBe(true);
  });
});

test('the landing claim is the intent: it says what will land on what, and under which grant', () => {
  given(readyToLand)
    .when(claim('landing'))
    .then(
      happened('TransitionClaimed', {
        stage: 'deploy',
        laneEpoch: '7',
        landing: { newOid: CANDIDATE, baseOid: BASE, treeOid: MERGED_TREE, headOid: HEAD, epoch: '7' },
      }),
    );
});
