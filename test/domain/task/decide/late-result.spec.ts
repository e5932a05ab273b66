import { given, happened, type Line } from '../../../support/given-when-then';
import { EVERY_AGENT } from '../../../support/policies';
import { shadowRan } from '../../../support/shadow-story';
import {
  after,
  agentDone,
  agentError,
  asked,
  branchRefused,
  cancel,
  changePriority,
  checked,
  citing,
  claim,
  conflicted,
  forgery,
  hold,
  infraFailed,
  landed,
  landing,
  MINUTE,
  nothingToLand,
  observeHead,
  override,
  policy,
  reap,
  rebasedOnto,
  release,
  releaseClaim,
  reportStale,
  retested,
  retry,
  SECRET_DIGEST,
  stagedGreen,
  submittedAt,
  submittedForStaging,
  suiteRan,
  switches,
  take,
  unclassified,
} from '../../../support/task-stories';

const off = switches({ transitionLease: false });
/** Ann's claim was taken away. */
const taken: Line = [submittedForStaging, claim('staging-suite', 'ann'), reap()];
const ANN = given(submittedForStaging, claim('staging-suite', 'ann')).token;
const retaken: Line = [taken, claim('staging-suite', 'bob')];
const BOB = given(retaken).token;
const late = citing(ANN, suiteRan());

describe('the result of a claim that was taken away', () => {
  test('is refused, unless the lease of the project is switched off', () => {
    given(taken).when(late).thenRejected('stale-claim');
    given(retaken).when(late).thenRejected('stale-claim');
  });

  test('is let through and flagged in the same append when it is, and the task goes on as by any result', () => {
    given(taken, off)
      .when(late)
      .then(
        happened('LeaseViolationObserved', { claim: ANN, refused: 'ReportSuiteRun', displaced: null }),
        'StagingSuiteExecuted',
        happened('VerdictRecorded', { claim: ANN, runId: 'run-of-ann', passed: true }),
        'GateEvaluated',
      )
      .thenTask({ claim: null, deferral: null, takenAway: [] })
      .thenNext('run', 'merge-gate');
  });

  test('makes a stale one of whoever has the step meanwhile', () => {
    const answered = given(retaken, off).when(late).accepted();
    expect(answered.world.log.find(({ type }) => type === 'LeaseViolationObserved')).toMatchObject({
      data: { displaced: BOB },
    });
    answered.when(citing(BOB, suiteRan())).thenRejected('stale-claim');
    answered.when(citing(BOB, suiteRan({ exitCode: 1 }))).thenRejected('stale-claim');
  });

  test('counts once, and not at all when the step has an answer already', () => {
    given(taken, off).when(late).again().thenRejected('stale-claim');
    given(retaken, off, suiteRan()).when(late).thenRejected('stale-claim');
    given(retaken, off, suiteRan({ exitCode: 1 }))
      .when(late)
      .thenRejected('stale-claim');
  });

  test('that is red sends the task back as a red does', () => {
    given(retaken, off)
      .when(citing(ANN, suiteRan({ exitCode: 1 })))
      .accepted()
      .thenTask({ stage: 'development' });
  });

  test('is let through from any of the owners that lost the step, and from the first one of them that comes', () => {
    const twice: Line = [retaken, reap(), after(60 * MINUTE), claim('staging-suite', 'cid')];
    for (const token of [ANN, BOB]) {
      const answered = given(twice, off).when(citing(token, suiteRan())).accepted();
      const other = token === ANN ? BOB : ANN;
      answered.when(citing(other, suiteRan())).thenRejected('stale-claim');
    }
  });

  test.each([
    ['the head has moved', observeHead()],
    ['the head has moved and is back', [observeHead(), observeHead('a1'.repeat(20))]],
    ['a person has asked for the stage again', [after(60 * MINUTE), retry]],
    ['the task is cancelled', cancel],
  ] satisfies [string, Line][])('is refused all the same when %s', (_what, since) => {
    given(taken, off, since).when(late).thenRejected('stale-claim');
  });

  test('of a claim that there never was, or that was given back or cut short, is refused all the same', () => {
    given(taken, off).when(citing('99', suiteRan())).thenRejected('stale-claim');
    given(submittedForStaging, off, claim('staging-suite'), releaseClaim()).when(late).thenRejected('stale-claim');
    given(submittedForStaging, off, claim('staging-suite'), infraFailed()).when(late).thenRejected('stale-claim');
  });

  test('of another job than the one that was claimed is refused, and nothing is flagged', () => {
    given(taken, off).when(citing(ANN, retested())).thenRejected('wrong-job');
  });

  test('is recorded while a person holds the task, which then stays where it is', () => {
    given(taken, off, hold)
      .when(late)
      .accepted()
      .thenNext('await', 'held:person')
      .thenTask({ stage: 'deploy-staging' });
    given(taken, off, hold, release).when(late).accepted().thenNext('run', 'merge-gate');
  });

  test.each([
    ['the suite of a shadow', shadowRan()],
    ['a result that CI posted', checked('unit', 'success')],
    ['an override of another gate', override('check_security')],
    ['another priority', changePriority(7)],
  ] satisfies [string, Line][])('is let through after %s, which is no answer of the step', (_what, since) => {
    given(taken, since, off).when(late).accepted().thenTask({ takenAway: [] }).thenNext('run', 'merge-gate');
  });

  test.each([
    ['an infrastructure failure', infraFailed()],
    ['a head that is stale', reportStale()],
    ['a release', releaseClaim()],
    ['what nothing explains', unclassified],
    ['a forgery', forgery],
    ['a reap', reap()],
  ])('is a result: %s says nothing about the change, and is refused', (_what, move) => {
    given(taken, off).when(citing(ANN, move)).thenRejected('stale-claim');
    given(retaken, off).when(citing(ANN, move)).thenRejected('stale-claim');
  });
});

describe('of the merge gate', () => {
  const merging: Line = [stagedGreen, claim('merge-gate', 'ann')];
  const token = given(merging).token;
  const lost: Line = [merging, rebasedOnto(), reap(), off];

  test('a re-test of the candidate that was recorded is let through', () => {
    given(lost).when(citing(token, retested())).accepted().thenTask({ stage: 'deploy' });
    given(lost)
      .when(citing(token, conflicted('a.txt')))
      .accepted()
      .thenTask({ stage: 'development' });
    given(lost).when(citing(token, branchRefused())).accepted().thenTask({ stage: 'development' });
  });

  test('one of another candidate is refused, and so is that there is nothing to land: that would end the task', () => {
    const other = citing(token, retested({ newOid: 'd1'.repeat(20) }));
    given(lost).when(other).thenRejected('other-candidate');
    given(lost).when(citing(token, nothingToLand)).thenRejected('stale-claim');
  });
});

test('landings stay fenced whatever is switched off', () => {
  const token = given(landing).token;
  given(landing, off, reap()).when(citing(token, landed())).thenRejected('stale-claim');
});

describe('of an agent', () => {
  const reviewing: Line = [policy(EVERY_AGENT), submittedAt('review'), claim('reviewer', 'ann')];
  const token = given(reviewing).token;
  const lost: Line = [reviewing, reap(), off];

  test('a verdict is let through; that it ended without one, or in an error, is not', () => {
    given(lost)
      .when(citing(token, agentDone('reviewer', 'APPROVED')))
      .accepted()
      .thenTask({ stage: 'testing' });
    given(lost)
      .when(citing(token, agentDone('reviewer', null)))
      .thenRejected('stale-claim');
    given(lost)
      .when(citing(token, agentError('reviewer')))
      .thenRejected('stale-claim');
  });
});

describe('of an outside worker', () => {
  const reviewing: Line = [submittedAt('review'), take('reviewer'), asked('ann', SECRET_DIGEST)];
  const token = given(reviewing).token;
  const lost: Line = [reviewing, reap(), off];
  const approved = citing(token, agentDone('reviewer', 'APPROVED'));

  test('is let through with the secret of the lost claim, and from nobody without it', () => {
    given(lost).when(approved).accepted().thenTask({ stage: 'testing' });
    given(lost, asked('ann', '0'.repeat(64)))
      .when(approved)
      .thenRejected('not-your-claim');
    given(lost, asked('bob', SECRET_DIGEST)).when(approved).thenRejected('not-your-claim');
  });
});
