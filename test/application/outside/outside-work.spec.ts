import { BranchUnusable } from '../../../src/application/ports/git-workspace';
import type { ClaimCited } from '../../../src/application/outside/work-requests';
import { InfrastructureError } from '../../../src/application/ports/infrastructure-error';
import { BASE, HEAD, NEW_HEAD } from '../../support/task-stories';
import { check } from '../../support/invariants';
import { ANN, APPROVED, EVE, MINUTE, OutsideYard, TASK } from './outside-yard';

let yard: OutsideYard;
beforeEach(async () => {
  yard = new OutsideYard();
  await yard.submit();
});
afterEach(async () => {
  expect(check(await yard.events(), { isAtRest: false })).toEqual([]);
});

const USAGE = { inputTokens: 10, outputTokens: 2, costUsd: 0.5 };
const citing = ({ claim, secret }: ClaimCited) => ({ claim, secret });

describe('taking', () => {
  test('tells everything that the work needs, and the secret once', async () => {
    const taken = await yard.take();
    expect(taken).toMatchObject({
      task: TASK,
      role: 'reviewer',
      stage: 'review',
      repository: '/srv/web.git',
      branch: 'feature',
      main: 'main',
      headOid: HEAD,
      baseOid: BASE,
      artifact: { file: '12-review.md', key: 'review_status', values: ['APPROVED', 'REQUEST_CHANGES'] },
      deadlineAt: '2026-01-05T08:03:00.000Z',
      endsAt: '2026-01-06T08:00:00.000Z',
    });
    expect(taken.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(taken.brief.prompt).toContain('12-review.md');
    expect(taken.brief.variables).toMatchObject({ STAGEGATE_ROLE: 'reviewer', STAGEGATE_TASK: TASK });
    expect(taken.brief.files.map(({ name }) => name)).toContain('example.md');
    const log = JSON.stringify((await yard.events()).map(({ data, meta }) => ({ data, meta })));
    expect(log).not.toContain(taken.secret);
  });

  test('names a worker that no host takes for a process', async () => {
    await yard.taking.take({ task: TASK }, { ...ANN, name: 'host/boot/ns/1' });
    const { state } = await yard.tasks.load(TASK);
    expect(state).toMatchObject({
      claim: { worker: expect.stringMatching(/^host-boot-ns-1\/[0-9a-f]{8}$/) as string },
    });
  });

  test('what is taken is not there for anybody else', async () => {
    await yard.take();
    await expect(yard.take(EVE)).rejects.toMatchObject({ kind: 'unknown', code: 'nothing-to-take' });
    await expect(yard.taking.take({ task: TASK }, EVE)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'not-offered',
    });
  });

  test('of two at once one gets it', async () => {
    const both = await Promise.allSettled([yard.take(), yard.take(EVE)]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await yard.types()).filter((type) => type === 'TransitionClaimed')).toHaveLength(1);
  });

  test.each([
    [{ role: 'tester', task: TASK }, 'conflict', 'not-offered'],
    [{ role: 'staging-runner' }, 'invalid', 'invalid-role'],
    [{}, 'invalid', 'invalid-role'],
    [{ task: 'web.none' }, 'unknown', 'unknown-task'],
    [{ task: 'api.T1' }, 'unknown', 'unknown-project'],
    [{ task: 'nonsense' }, 'unknown', 'unknown-project'],
  ])('what is not there is refused in a line, and leaves nothing behind: %j', async (request, kind, code) => {
    const before = await yard.types();
    await expect(yard.taking.take(request, ANN)).rejects.toMatchObject({ kind, code });
    expect(await yard.types()).toEqual(before);
  });

  test('needs the right to work in that project', async () => {
    const elsewhere = { ...ANN, projects: ['api'] };
    await expect(yard.taking.take({ task: TASK }, elsewhere)).rejects.toMatchObject({ kind: 'unknown' });
    await expect(yard.take(elsewhere)).rejects.toMatchObject({ code: 'nothing-to-take' });
    const reader = { ...ANN, rights: ['read'] as const };
    await expect(yard.taking.take({ task: TASK }, reader)).rejects.toMatchObject({ code: 'not-allowed' });
  });

  test('is left to whoever has the policy in force', async () => {
    yard.isPolicyInForce = false;
    await expect(yard.taking.take({ task: TASK }, ANN)).rejects.toMatchObject({ code: 'policy-not-in-force' });
  });

  test('is given to nobody while what the service stands on is gone', async () => {
    yard.obstacle = new InfrastructureError('STATE_DIR_GONE', 'gone');
    await expect(yard.take()).rejects.toMatchObject({ code: 'STATE_DIR_GONE' });
    yard.obstacle = null;
    await expect(yard.take()).resolves.toMatchObject({ task: TASK });
  });

  test('begins at the head of the branch, whoever has noticed it', async () => {
    yard.head = NEW_HEAD;
    // At review another commit takes the task through development once more, and back.
    expect(await yard.take()).toMatchObject({ headOid: NEW_HEAD });
    expect(await yard.types()).toContain('HeadMoved');
  });

  test('of a branch that git cannot work with is refused, and nothing is claimed', async () => {
    yard.fault = new BranchUnusable('unusable-branch', HEAD, 'saw ".git"');
    await expect(yard.taking.take({ task: TASK }, ANN)).rejects.toMatchObject({ code: 'GIT_BRANCH_UNUSABLE' });
    expect(await yard.types()).not.toContain('TransitionClaimed');
  });
});

describe('completing', () => {
  test('takes the task on, by the same reading as an agent gets', async () => {
    const taken = await yard.take();
    yard.nowMs += 2 * MINUTE;
    const answer = await yard.work.complete(TASK, { ...citing(taken), artifact: APPROVED, usage: USAGE }, ANN);
    expect(answer).toEqual({
      task: TASK,
      claim: taken.claim,
      outcome: 'completed',
      verdict: 'APPROVED',
      headOid: null,
      reason: null,
    });
    const finished = (await yard.events()).find(({ type }) => type === 'AgentJobFinished');
    expect(finished).toMatchObject({
      meta: { actor: 'ann' },
      data: { usage: USAGE, run: { isolation: 'outside', durationMs: 2 * MINUTE, exitCode: null } },
    });
    expect([...yard.artifacts.values()]).toEqual([APPROVED]);
    expect((await yard.tasks.load(TASK)).state).toMatchObject({ stage: 'testing' });
  });

  test('with a usage that is no figure is believed without it, and says so', async () => {
    const taken = await yard.take();
    await yard.work.complete(TASK, { ...citing(taken), artifact: APPROVED, usage: { inputTokens: -1 } }, ANN);
    const finished = (await yard.events()).find(({ type }) => type === 'AgentJobFinished');
    expect(finished?.data).toMatchObject({ usageNote: expect.stringContaining('inputTokens') as string });
    expect(finished?.data).not.toHaveProperty('usage');
  });

  test('twice is answered the same, and recorded once', async () => {
    const taken = await yard.take();
    const request = { ...citing(taken), artifact: APPROVED };
    const first = await yard.work.complete(TASK, request, ANN);
    const log = await yard.types();
    expect(await yard.work.complete(TASK, request, ANN)).toEqual(first);
    expect(await yard.types()).toEqual(log);
  });

  test('ten times at once is recorded once, and all are answered the same', async () => {
    const taken = await yard.take();
    const request = { ...citing(taken), artifact: APPROVED };
    const answers = await Promise.all(Array.from({ length: 10 }, () => yard.work.complete(TASK, request, ANN)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await yard.types()).filter((type) => type === 'VerdictRecorded')).toHaveLength(1);
  });

  test('again with something else is stale: what was recorded stays', async () => {
    const taken = await yard.take();
    await yard.work.complete(TASK, { ...citing(taken), artifact: APPROVED }, ANN);
    const other = { ...citing(taken), artifact: APPROVED.replace('APPROVED', 'REQUEST_CHANGES') };
    await expect(yard.work.complete(TASK, other, ANN)).rejects.toMatchObject({ code: 'stale-claim' });
    expect((await yard.types()).filter((type) => type === 'StaleResultRefused')).toHaveLength(1);
  });

  test('of an open claim under another spelling is nobody’s, and is not noted as late', async () => {
    const taken = await yard.take();
    const log = await yard.types();
    const request = { ...citing(taken), claim: `00${taken.claim}`, artifact: APPROVED };
    await expect(yard.work.complete(TASK, request, ANN)).rejects.toMatchObject({ code: 'not-your-claim' });
    expect(await yard.types()).toEqual(log);
  });

  test('after the claim was taken away is refused, and noted once', async () => {
    const taken = await yard.take();
    yard.nowMs += 3 * MINUTE;
    await yard.ask({ type: 'ReapTransition', data: { claim: taken.claim, reason: 'deadline' } });
    const request = { ...citing(taken), artifact: APPROVED };
    const stale = {
      kind: 'conflict',
      code: 'stale-claim',
      message: expect.stringMatching(/was taken away.*take the work anew/) as string,
    };
    await expect(yard.work.complete(TASK, request, ANN)).rejects.toMatchObject(stale);
    await expect(yard.work.complete(TASK, request, ANN)).rejects.toMatchObject(stale);
    await expect(yard.work.heartbeat(TASK, citing(taken), ANN)).rejects.toMatchObject({ code: 'stale-claim' });
    expect((await yard.types()).filter((type) => type === 'StaleResultRefused')).toHaveLength(1);
  });

  test('after the branch has moved is void, spends nothing, and the work is offered anew', async () => {
    const taken = await yard.take();
    yard.head = NEW_HEAD;
    const request = { ...citing(taken), artifact: APPROVED };
    await expect(yard.work.complete(TASK, request, ANN)).rejects.toMatchObject({ kind: 'conflict', code: 'stale' });
    const { state } = await yard.tasks.load(TASK);
    expect(state).toMatchObject({ claim: null, headOid: NEW_HEAD, spent: {}, verdicts: {} });
    expect(await yard.take()).toMatchObject({ headOid: NEW_HEAD });
  });

  test.each([
    ['two verdict keys', '---\nreview_status: APPROVED\nreview_status: APPROVED\n---\n', /stands twice/],
    ['a second block', '---\nreview_status: APPROVED\n---\n---\nreview_status: APPROVED\n---\n', /second block/],
    ['another task', `---\nreview_status: APPROVED\ntask: web.T2\n---\n`, /task is "web.T2", expected web.T1/],
    ['another commit', `---\nreview_status: APPROVED\nsubject_oid: ${NEW_HEAD}\n---\n`, /expected a1a1/],
    ['a verdict that there is not', '---\nreview_status: APPROVE\n---\n', /expected APPROVED or REQUEST_CHANGES/],
    ['the verdict of another stage', '---\ntest_status: PASSED\n---\n', /unknown or badly written key/],
    ['nothing', '', /does not start with/],
    ['more than an artifact may have', `${APPROVED}${'x'.repeat(1024 * 1024)}`, /larger than 1048576 bytes/],
  ])('with %s is refused in a line, and may be corrected', async (_what, artifact, line) => {
    const taken = await yard.take();
    const before = await yard.types();
    const refused = yard.work.complete(TASK, { ...citing(taken), artifact }, ANN);
    await expect(refused).rejects.toMatchObject({ kind: 'invalid', code: 'invalid-artifact' });
    await expect(refused).rejects.toThrow(line);
    expect(await yard.types()).toEqual(before);
    expect([...yard.artifacts.values()]).toEqual([]);
    await yard.work.complete(TASK, { ...citing(taken), artifact: APPROVED }, ANN);
  });

  test('without the artifact of the stage is refused', async () => {
    const taken = await yard.take();
    const refused = yard.work.complete(TASK, citing(taken), ANN);
    await expect(refused).rejects.toMatchObject({ kind: 'invalid', code: 'invalid-artifact' });
  });
});

describe('whoever does not own the claim', () => {
  const ways = ['heartbeat', 'complete', 'fail', 'release'] as const;
  const attempt = (way: (typeof ways)[number], cited: ClaimCited, by = ANN) => {
    const { work } = yard;
    const body = { ...cited, artifact: APPROVED, reason: 'because' };
    return work[way](TASK, body, by);
  };

  test.each(ways)('changes nothing by %s, open or closed', async (way) => {
    const taken = await yard.take();
    const attempts = [
      () => attempt(way, { ...citing(taken), secret: 'f'.repeat(64) }),
      () => attempt(way, { ...citing(taken), secret: '' }),
      () => attempt(way, citing(taken), EVE),
      () => attempt(way, { ...citing(taken), claim: String(Number(taken.claim) + 1) }),
      () => attempt(way, { ...citing(taken), claim: '0' }),
      () => attempt(way, { ...citing(taken), claim: '999999999999999999999' }),
    ];
    const refuseAll = async () => {
      const before = await yard.types();
      for (const one of attempts)
        await expect(one()).rejects.toMatchObject({ kind: 'forbidden', code: 'not-your-claim' });
      expect(await yard.types()).toEqual(before);
      expect(yard.artifacts.size).toBe(0);
    };
    await refuseAll();
    await attempt('release', citing(taken));
    await refuseAll();
  });

  test('is not told the secret, and neither is whoever does', async () => {
    const taken = await yard.take();
    const told: unknown[] = [];
    for (const way of ways)
      for (const [cited, by] of [
        [{ ...citing(taken), secret: 'f'.repeat(64) }, ANN],
        [citing(taken), EVE],
        [citing(taken), ANN],
      ] as const)
        told.push(await attempt(way, cited, by).catch((error: unknown) => String(error)));
    expect(JSON.stringify(told)).not.toMatch(new RegExp(`${taken.secret}|f{64}`));
  });
});

describe('heartbeats', () => {
  test('a thousand in a second leave one event a minute at most', async () => {
    const taken = await yard.take();
    const storm = () => Promise.all(Array.from({ length: 1000 }, () => yard.work.heartbeat(TASK, citing(taken), ANN)));
    await storm();
    expect(await yard.types()).not.toContain('ClaimExtended');
    yard.nowMs += MINUTE;
    const answers = await storm();
    expect(new Set(answers.map(({ deadlineAt }) => deadlineAt))).toEqual(new Set(['2026-01-05T08:04:00.000Z']));
    expect((await yard.types()).filter((type) => type === 'ClaimExtended')).toHaveLength(1);
  });

  test('of a clock that was set back count from there on', async () => {
    const taken = await yard.take();
    yard.nowMs -= 60 * MINUTE;
    expect(await yard.work.heartbeat(TASK, citing(taken), ANN)).toMatchObject({
      deadlineAt: '2026-01-05T07:03:00.000Z',
    });
  });

  test('do not keep a claim beyond its bound', async () => {
    const taken = await yard.take();
    for (let minute = 0; minute < 24 * 60 - 1; minute += 1) {
      yard.nowMs += MINUTE;
      await yard.work.heartbeat(TASK, citing(taken), ANN);
    }
    yard.nowMs += MINUTE;
    await expect(yard.work.heartbeat(TASK, citing(taken), ANN)).rejects.toMatchObject({ code: 'claim-ended' });
    await yard.ask({ type: 'ReapTransition', data: { claim: taken.claim, reason: 'deadline' } });
  });
});

describe('giving up', () => {
  test('a failure is an error of the role, and answered the same when it is told again', async () => {
    const taken = await yard.take();
    const request = { ...citing(taken), reason: 'does not build' };
    const first = await yard.work.fail(TASK, request, ANN);
    expect(first).toMatchObject({ outcome: 'failed', reason: 'does not build' });
    expect(await yard.work.fail(TASK, request, ANN)).toEqual(first);
    expect((await yard.tasks.load(TASK)).state).toMatchObject({ spent: { 'agent:review': 1 } });
    expect((await yard.types()).filter((type) => type === 'AgentJobErrored')).toHaveLength(1);
  });

  test('what is given back is there to be taken, and spends nothing', async () => {
    const taken = await yard.take();
    const request = { ...citing(taken), reason: 'called away' };
    const first = await yard.work.release(TASK, request, ANN);
    expect(await yard.work.release(TASK, request, ANN)).toEqual(first);
    expect((await yard.tasks.load(TASK)).state).toMatchObject({ spent: {} });
    expect(await yard.take(EVE)).toMatchObject({ task: TASK });
  });

  test.each(['', 'x'.repeat(501)])('a reason that does not fit is refused', async (reason) => {
    const taken = await yard.take();
    await expect(yard.work.fail(TASK, { ...citing(taken), reason }, ANN)).rejects.toMatchObject({
      code: 'invalid-reason',
    });
  });
});

describe('a developer from outside', () => {
  beforeEach(async () => {
    yard = new OutsideYard();
    await yard.submit('development');
  });
  const take = () => yard.taking.take({ task: TASK }, ANN);

  test('answers with the head of the branch, which the service asks git for', async () => {
    const taken = await take();
    expect(taken).toMatchObject({ role: 'developer', artifact: null });
    yard.head = NEW_HEAD;
    const first = await yard.work.complete(TASK, citing(taken), ANN);
    expect(first).toMatchObject({ outcome: 'completed', headOid: NEW_HEAD, verdict: null });
    expect(await yard.work.complete(TASK, citing(taken), ANN)).toEqual(first);
  });

  test('without a commit has failed, and is told so again', async () => {
    const taken = await take();
    const first = await yard.work.complete(TASK, citing(taken), ANN);
    expect(first).toMatchObject({ outcome: 'failed', reason: 'feature has no new commit' });
    expect(await yard.work.complete(TASK, citing(taken), ANN)).toEqual(first);
  });

  test('hands in no artifact', async () => {
    const taken = await take();
    const refused = yard.work.complete(TASK, { ...citing(taken), artifact: APPROVED }, ANN);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-artifact' });
  });
});
