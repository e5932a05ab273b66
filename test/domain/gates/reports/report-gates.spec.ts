import { reportsFor } from '../../../../src/domain/brief/reports';
import { given, happened, type Line } from '../../../support/given-when-then';
import { POLICY } from '../../../support/policies';
import { REPORT_GATES } from '../../../support/report-gates';
import {
  after,
  cancel,
  citing,
  claim,
  evaluateGates,
  evidenceFound,
  HEAD,
  infraFailed,
  landingLost,
  MINUTE,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  readyToLand,
  reap,
  release,
  switches,
} from '../../../support/task-stories';
import { atInstant, HOUR, requiring } from '../override-stories';

describe.each(REPORT_GATES)('$gate', ({ gate, job, configured, good, bad }) => {
  /** At the gate: rebased, re-tested green, with nothing known for it yet. */
  const waiting: Line = [policy(configured), readyToLand];
  const running: Line = [waiting, claim(job, 'ann')];
  const ANN = given(running).token;
  const retaken: Line = [running, reap(), claim(job, 'bob')];
  const BOB = given(retaken).token;
  const late = citing(ANN, evidenceFound(bad));
  const passes = { data: { gate, result: 'pass', reason: null } };
  const sentBack = happened('StageRolledBack', { gate, spends: { budget: 'developer', key: 'task' } });

  test('has its job run on the candidate before it is asked', () => {
    given(waiting).thenNext('run', job).thenTask({ stage: 'deploy-staging' });
  });

  test('lets a change go on to its landing', () => {
    given(running).when(evidenceFound(good)).accepted().thenNext('run', 'landing');
    const { log } = given(running, evidenceFound(good)).world;
    expect(log).toEqual(
      expect.arrayContaining([expect.objectContaining({ data: expect.objectContaining(passes.data) as object })]),
    );
  });

  test('sends a change back at the price of a developer retry, and says what was found', () => {
    const back = given(running).when(evidenceFound(bad)).accepted();
    expect(back.world.log.at(-1)).toMatchObject(sentBack);
    back.thenTask({ stage: 'development', claim: null, evidence: {}, spent: { 'developer:task': 1 } });
    const { why } = back.next;
    expect(why.text).toContain(String((bad['seen'] as readonly string[])[0]));
    expect(why.remedy?.override).toBe(gate);
    expect(reportsFor(back.task, 'development')).toEqual([
      { name: `${job}.md`, digest: bad['output'], isReason: true },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['what is no evidence', { failing: 'none', asked: 1 }],
    ['an answer to another question', { ...good, asked: { level: 'none' } }],
    ['an answer to no question', { ...good, asked: null }],
  ])('is passed by no evidence that says %s: the task is held', (_what, evidence) => {
    given(running)
      .when(evidenceFound(evidence))
      .then('EvidenceRecorded', 'TaskHeld', 'AlertRaised')
      .thenTask({ hold: { reason: 'unclassified' }, stage: 'deploy-staging' });
  });

  test('believes nothing about another commit, and nothing once there is another candidate', () => {
    given(running).when(evidenceFound(good, HEAD)).thenRejected('other-candidate');
    given(running, observeHead(NEW_HEAD))
      .when(citing(ANN, evidenceFound(good)))
      .thenRejected('stale-claim');
    const again = given(running, evidenceFound(good), claim('landing'), landingLost('main-moved'));
    again.thenTask({ evidence: {}, merge: null }).thenNext('run', 'merge-gate');
  });

  test('a tool that broke is tried again within the budget, then held; the change is not to blame', () => {
    const broken = infraFailed('report_malformed', { failureClass: 'tool-error' });
    given(running).when(broken).then('ToolErrored', 'RunDeferred').thenTask({ stage: 'deploy-staging' });
    const tries = [1, 2, 3].flatMap((): Line[] => [claim(job), broken, after(30 * MINUTE)]);
    given(waiting, tries, claim(job))
      .when(broken)
      .then(
        'ToolErrored',
        'InfraBudgetExhausted',
        happened('GateEvaluated', { gate, result: 'hold', reason: 'infra-exhausted' }),
        'TaskHeld',
        'AlertRaised',
      )
      .thenTask({ stage: 'deploy-staging', hold: { reason: 'infra-exhausted', gate }, spent: { [`infra:${job}`]: 3 } });
  });

  describe('on its way back to development', () => {
    test('a claim that was lost sends nothing back, whoever has the step meanwhile', () => {
      given(running, reap()).when(late).thenRejected('stale-claim');
      given(retaken).when(late).thenRejected('stale-claim');
      given(retaken, evidenceFound(good)).when(late).thenRejected('stale-claim');
    });

    test('a task that is at its end stays there', () => {
      const done: Line = [running, reap(), cancel];
      given(done).when(late).thenRejected('stale-claim');
      given(done, switches({ transitionLease: false }))
        .when(late)
        .thenRejected('stale-claim');
    });

    test('with the lease switched off the first answer counts, flagged, and the other one is refused', () => {
      const off: Line = [retaken, switches({ transitionLease: false })];
      const answered = given(off).when(late).accepted();
      answered.thenTask({ stage: 'development', spent: { 'developer:task': 1 } });
      const flagged = answered.world.log.find(({ type }) => type === 'LeaseViolationObserved');
      expect(flagged).toMatchObject({ data: { displaced: BOB } });
      answered.when(citing(BOB, evidenceFound(good))).thenRejected('stale-claim');
      given(off, citing(BOB, evidenceFound(good)))
        .when(late)
        .thenRejected('stale-claim');
    });
  });

  test('a required one that is not configured holds, and no release leads past it', () => {
    const held: Line = [requiring(gate), readyToLand];
    given(held).thenTask({ hold: { reason: 'gate', gate } });
    given(held, release).thenTask({ hold: { reason: 'gate', gate } });
    given(held, policy({ ...configured, requiredGates: [gate] }), release).thenNext('run', job);
  });

  test('one whose block was taken out of the file while it waited is asked again, and passed over', () => {
    const without = given(
      waiting,
      policy(Object.fromEntries(Object.keys(configured).map((key) => [key, POLICY[key as keyof typeof POLICY]]))),
    );
    without.thenNext('decide', 'EvaluateGates');
    without.when(evaluateGates).accepted().thenNext('run', 'landing');
  });

  test('an override lets a bad answer pass, and none that is over', () => {
    const overridden: Line = [waiting, override(gate, { expiresAt: atInstant(HOUR) })];
    given(overridden).thenNext('run', 'landing');
    given(overridden, after(2 * HOUR)).thenNext('decide', 'EvaluateGates');
    given(overridden, after(2 * HOUR), evaluateGates).thenTask({ stage: 'deploy', hold: { gate } });
    given(running, evidenceFound(bad), override(gate)).thenNext('run', 'staging-suite');
  });

  test('a candidate that cannot land any more is made again, at the price of a landing', () => {
    given(running)
      .when(landingLost('main-moved'))
      .accepted()
      .thenTask({ merge: null, claim: null, spent: { 'landing:task': 1 } })
      .thenNext('run', 'merge-gate');
  });
});
