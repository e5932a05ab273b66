import { RIGHTS } from '../../../../src/domain/authority/principal';
import { decide } from '../../../../src/domain/task/task.decider';
import { given, happened, type Line } from '../../../support/given-when-then';
import { agents, ANN, contextAt, EVERY_AGENT } from '../../../support/policies';
import {
  after,
  agentDone,
  agentError,
  asked,
  cancel,
  citing,
  claim,
  HEAD,
  heartbeat,
  hold,
  infraFailed,
  MINUTE,
  NEW_HEAD,
  observeHead,
  policy,
  reap,
  releaseClaim,
  reportStale,
  SECRET_DIGEST,
  submit,
  submittedForStaging,
  suiteRan,
  switches,
  take,
} from '../../../support/task-stories';

const atReview = submit({ startStage: 'review' });
const proven = asked('ann', SECRET_DIGEST);
const reviewing: Line = [atReview, take('reviewer'), proven];
const developing: Line = [submit({ startStage: 'development' }), take('developer'), proven];
const TOKEN = given(reviewing).token;

describe('what an outside worker may take', () => {
  test.each([
    ['analysis', 'analyst'],
    ['architecture', 'architect'],
    ['development', 'developer'],
    ['review', 'reviewer'],
    ['testing', 'tester'],
  ] as const)('at %s the work of the %s, where no agent is configured for it', (startStage, role) => {
    const waiting = given(submit({ startStage }));
    expect(waiting.next).toMatchObject({ kind: 'await', offer: { kind: 'agent', role } });
    waiting
      .when(take(role))
      .then(happened('TransitionClaimed', { job: { kind: 'agent', role }, worker: 'ann/1f' }))
      .thenNext('wait', 'running');
  });

  test('the work of the deployer, where the staging-runner is switched off', () => {
    const off = given(switches({ stagingRunner: false }), submittedForStaging);
    expect(off.next).toMatchObject({ kind: 'await', offer: { kind: 'agent', role: 'deployer' } });
    off.when(take('deployer')).then('TransitionClaimed');
  });

  test.each<[string, Line]>([
    ['that a configured agent does', [policy(agents('reviewer')), atReview]],
    ['of another role', submit({ startStage: 'testing' })],
    ['of a held task', [atReview, hold]],
    ['of a cancelled task', [atReview, cancel]],
    ['that the runner does', submittedForStaging],
  ])('nothing %s', (_what, story) => {
    const standing = given(story);
    expect(standing.next).not.toMatchObject({ offer: { role: 'reviewer' } });
    const { decision } = standing.when(take('reviewer'));
    expect(decision).toMatchObject({ kind: 'reject' });
  });

  test('nothing of a commit of which nothing is known', () => {
    const untested = given(
      policy({ onInfraExhausted: 'rollback' }),
      submittedForStaging,
      claim('staging-suite'),
      infraFailed('gone', { retryable: false, failureClass: 'tool-error' }),
    );
    untested.thenNext('await', 'untested');
    expect(untested.next).not.toHaveProperty('offer');
    untested.when(take('developer')).thenRejected('not-the-next-step');
  });

  test('and the service takes nothing that it would not do itself', () => {
    given(atReview).when(claim('reviewer')).thenRejected('not-the-next-step');
    given(policy(EVERY_AGENT), atReview).when(take('reviewer')).thenRejected('not-the-next-step');
  });

  test('why names the command with which it is taken', () => {
    const { why } = given(atReview).next;
    expect(why.remedy).toMatchObject({ isOffered: true });
  });
});

describe('a claim of an outside worker', () => {
  test('names who took it, its bound and what proves it, and no process', () => {
    const { task } = given(atReview)
      .when(take('reviewer'))
      .then(
        happened('TransitionClaimed', {
          outside: { by: 'ann', secretDigest: SECRET_DIGEST, endsAt: '2026-01-06T08:00:00.000Z' },
        }),
      );
    expect(task.claim).toMatchObject({ worker: 'ann/1f', outside: { by: 'ann', heardAt: '2026-01-05T08:00:00.000Z' } });
  });

  test('is told as taken, by whom and until when', () => {
    expect(given(reviewing).next.why).toMatchObject({
      actor: 'outside',
      blockedBy: 'ann/1f',
      text: `ann/1f has taken reviewer (claim ${TOKEN}, until 2026-01-05T08:03:00.000Z without a heartbeat, 2026-01-06T08:00:00.000Z at most)`,
    });
  });

  test.each<[string, Parameters<typeof asked>]>([
    ['without the secret', ['ann']],
    ['with another secret', ['ann', '4'.repeat(64)]],
    ['with half of it', ['ann', SECRET_DIGEST.slice(32)]],
    ['by somebody else who knows the secret', ['eve', SECRET_DIGEST]],
    ['by the service', ['stagegate']],
  ])('is ended by nobody %s', (_how, who) => {
    for (const move of [
      heartbeat,
      releaseClaim(),
      agentDone('reviewer', 'APPROVED'),
      agentError('reviewer'),
      reportStale(),
      suiteRan(),
      infraFailed(),
    ])
      given(atReview, take('reviewer'), asked(...who))
        .when(move)
        .thenRejected('not-your-claim');
  });

  test('never shows the secret in what it says', () => {
    const { decision } = given(atReview, take('reviewer'), asked('ann', '4'.repeat(64))).when(heartbeat);
    expect(JSON.stringify(decision)).not.toMatch(/3{64}|4{64}/);
  });
});

describe('a heartbeat', () => {
  test('extends the claim to three minutes from now, and is answered without an event within a minute', () => {
    given(reviewing, after(MINUTE - 1))
      .when(heartbeat)
      .thenNothing();
    const extended = given(reviewing, after(MINUTE))
      .when(heartbeat)
      .then(happened('ClaimExtended', { claim: TOKEN, deadlineAt: '2026-01-05T08:04:00.000Z' }));
    extended.thenTask({ claim: { token: TOKEN, deadlineAt: '2026-01-05T08:04:00.000Z' } });
    extended.when(heartbeat).thenNothing();
  });

  test('of a lost claim is refused, also when somebody else has the work by now', () => {
    const lost: Line = [reviewing, after(3 * MINUTE), reap('deadline')];
    given(lost).when(citing(TOKEN, heartbeat)).thenRejected('stale-claim');
    given(lost, take('reviewer'), after(MINUTE)).when(citing(TOKEN, heartbeat)).thenRejected('stale-claim');
  });

  test('never extends a claim beyond its bound', () => {
    const short: Line = [atReview, take('reviewer', 5 * MINUTE), proven];
    const last = given(short, after(3 * MINUTE))
      .when(heartbeat)
      .then(happened('ClaimExtended', { deadlineAt: '2026-01-05T08:05:00.000Z' }));
    last.thenTask({ claim: { deadlineAt: '2026-01-05T08:05:00.000Z' } });
    const atBound: Line = [short, after(3 * MINUTE), heartbeat];
    given(atBound, after(MINUTE)).when(heartbeat).thenNothing();
    given(atBound, after(2 * MINUTE))
      .when(heartbeat)
      .thenRejected('claim-ended', /its bound/);
    given(atBound, after(2 * MINUTE))
      .when(reap('deadline'))
      .then('TransitionReaped');
  });

  test('counts when the clock was set back, and the claim then lives for three minutes of that clock', () => {
    const back: Line = [reviewing, after(-120 * MINUTE), heartbeat];
    const set = given(back);
    set.thenTask({ claim: { deadlineAt: '2026-01-05T06:03:00.000Z' } });
    const command = reap('deadline').move(set.task, set.world.at);
    const reaped = (watchedMs: number) => {
      const context = contextAt(set.world.at);
      return decide(set.task, command, { ...context, surroundings: { ...context.surroundings, watchedMs } });
    };
    expect(reaped(3 * MINUTE - 1)).toMatchObject({ kind: 'reject', reason: 'deadline-not-reached' });
    expect(reaped(3 * MINUTE)).toMatchObject({ kind: 'accept' });
  });

  test('of a claim of the service does not exist', () => {
    given(submittedForStaging, claim('staging-suite')).when(heartbeat).thenRejected('wrong-job');
  });

  test('needs the right to work', () => {
    const reader = { ...ANN, rights: RIGHTS.filter((right) => right !== 'work') };
    const { task, world } = given(reviewing);
    const context = contextAt(world.at, { principal: reader, proof: SECRET_DIGEST });
    expect(decide(task, heartbeat.move(task, world.at), context)).toMatchObject({ reason: 'not-allowed' });
  });
});

describe('the work of an outside worker', () => {
  test('takes the task on, as that of an agent does', () => {
    given(reviewing)
      .when(agentDone('reviewer', 'APPROVED'))
      .then('AgentJobFinished', 'VerdictRecorded', 'GateEvaluated', 'StageAdvanced')
      .thenTask({ stage: 'testing', claim: null });
  });

  test('counts once', () => {
    given(reviewing).when(agentDone('reviewer', 'APPROVED')).again().thenRejected('stale-claim');
  });

  test('that is pushed while it is claimed ends with the claim, not with the push', () => {
    given(developing, observeHead(NEW_HEAD))
      .when(agentDone('developer', null, NEW_HEAD))
      .then('AgentJobFinished', 'GateEvaluated', 'StageAdvanced');
  });

  test('without a new commit is an error of its role, within its budget', () => {
    given(developing)
      .when(agentDone('developer', null, HEAD))
      .then(happened('AgentJobErrored', { reason: 'no-commit', spends: { budget: 'agent', key: 'development' } }));
  });

  test('that failed is tried again after a pause, and is offered again then', () => {
    const failed = given(reviewing).when(agentError('reviewer', 'failed')).then('AgentJobErrored');
    failed.thenNext('wait', 'deferred');
    const again = given(reviewing, agentError('reviewer', 'failed'), after(60 * MINUTE));
    expect(again.next).toMatchObject({ kind: 'await', offer: { role: 'reviewer' } });
  });

  test('of a branch that moved is void, and spends nothing', () => {
    given(reviewing).when(reportStale(NEW_HEAD)).accepted().thenTask({ claim: null, headOid: NEW_HEAD, spent: {} });
  });

  test('that is given back is offered again, and spends nothing', () => {
    const back = given(reviewing).when(releaseClaim('called away')).then('ClaimReleased');
    back.thenTask({ claim: null, spent: {} });
    expect(back.next).toMatchObject({ kind: 'await', offer: { role: 'reviewer' } });
  });

  test('of a worker that is lost is taken away at the deadline and spends a crash', () => {
    given(reviewing, after(3 * MINUTE - 1))
      .when(reap('deadline'))
      .thenRejected('deadline-not-reached');
    given(reviewing, after(3 * MINUTE))
      .when(reap('deadline'))
      .then('TransitionReaped')
      .thenTask({ claim: null, spent: { 'crash:review': 1 } });
  });
});
