import { ciGate } from '../../../src/domain/gates/ci.gate';
import { CHECK_RESULTS, type CheckResult } from '../../../src/domain/gates/outside-evidence';
import { explain } from '../../../src/domain/task/words/why';
import { renderBrief } from '../../../src/domain/brief/render-brief';
import { given, happened, nextOf, type Given, type Line } from '../../support/given-when-then';
import { agents, POLICY } from '../../support/policies';
import {
  agentDone,
  checked,
  claim,
  evaluateGates,
  HEAD,
  hold,
  landed,
  landing,
  mergeable,
  NEW_HEAD,
  observeHead,
  override,
  policy,
  release,
  retry,
  submit,
  suiteRan,
} from '../../support/task-stories';
import { factsAfter } from '../brief/facts';

const asks = (...requiredChecks: readonly string[]) => policy({ ci: { requiredChecks } });
/** A developer has pushed, and CI has not said anything yet. */
const pushed: Line = [asks('unit', 'lint'), submit({ startStage: 'development' }), observeHead(NEW_HEAD)];
const THIRD = 'a3'.repeat(20);
const doOf = (story: Given) => explain(nextOf(story.world)).do;

describe('a project that names its checks', () => {
  test('waits for each of them, for that commit, and says which one is missing and how its result is brought', () => {
    const waiting = given(pushed).thenNext('await', 'gate:check_ci_green');
    expect(explain(waiting.next)).toMatchObject({
      actor: 'outside',
      status: 'blocked',
      text: 'gate check_ci_green waits for CI: unit is missing, lint is missing',
    });
    expect(doOf(waiting)).toMatch(
      `let CI bring it: stagegate evidence web.WEB-1 --name unit --result success --head ${NEW_HEAD}`,
    );
    given(pushed, checked('unit', 'success')).thenTask({ stage: 'development' });
    given(pushed, checked('unit', 'success'))
      .when(checked('lint', 'success'))
      .then(
        happened('EvidenceRecorded'),
        happened('GateEvaluated', {
          gate: 'check_ci_green',
          ruleVersion: 2,
          result: 'pass',
          evidence: { checks: ['unit', 'lint'] },
        }),
        happened('StageAdvanced', { to: 'review' }),
      );
  });

  test('quotes a name for the shell', () => {
    const named = given(asks("build (it's)"), submit({ startStage: 'development' }), observeHead(NEW_HEAD));
    expect(doOf(named)).toMatch(`--name 'build (it'\\''s)' --result`);
  });

  test('starts no developer and offers no work while CI has the word', () => {
    const { next } = given(policy(agents('developer')), pushed);
    expect(next).toMatchObject({ kind: 'await', why: { code: 'gate:check_ci_green' } });
    expect(next).not.toHaveProperty('offer');
  });

  test('takes nothing for green that was said of the commit before', () => {
    const moved = given(pushed, checked('unit', 'success'), observeHead(THIRD), checked('lint', 'success'));
    moved.thenTask({ stage: 'development' });
    const before = given(pushed, checked('unit', 'success'), observeHead(THIRD));
    expect(explain(before.next).text).toContain(`unit is known of ${NEW_HEAD.slice(0, 10)} only`);
  });

  test('waits for a new commit first, however green the old one is', () => {
    given(asks('unit'), submit({ startStage: 'development' }), checked('unit', 'success')).thenTask({
      stage: 'development',
      gatesPassed: ['intake'],
    });
  });

  const NOT_GREEN = CHECK_RESULTS.filter((result) => result !== 'success' && result !== 'failure');
  test.each(NOT_GREEN)('never takes %s for green, and sends nobody back for it', (result) => {
    const story = given(asks('unit'), submit({ startStage: 'development' }), observeHead(NEW_HEAD));
    const after = story.when(checked('unit', result)).then('EvidenceRecorded');
    after.thenTask({ stage: 'development', hold: null, spent: {} }).thenNext('await', 'gate:check_ci_green');
    expect(explain(after.next).text).toBe(`gate check_ci_green waits for CI: unit was ${result}`);
    after.when(checked('unit', 'success')).accepted().thenTask({ stage: 'review' });
  });

  test.each(['neutral', 'skipped'] as const)('takes %s for green where it says so', (result) => {
    given(
      policy({ ci: { requiredChecks: ['unit'], accept: [result] } }),
      submit({ startStage: 'development' }),
      observeHead(NEW_HEAD),
      checked('unit', result),
    ).thenTask({ stage: 'review' });
  });

  test('does not mind what it has not named', () => {
    given(asks('unit'), submit({ startStage: 'development' }), observeHead(NEW_HEAD), checked('docs', 'failure'))
      .when(checked('unit', 'success'))
      .accepted()
      .thenTask({ stage: 'review' });
  });
});

describe('a check that failed', () => {
  const failed = given(pushed, checked('lint', 'failure', { url: 'https://ci.example/7' }));

  test('sends the commit back to its developer, once, whatever CI says of it afterwards', () => {
    failed.thenTask({
      stage: 'development',
      sentBack: { gate: 'check_ci_green', reason: 'failed in CI: lint' },
      spent: { 'developer:task': 1 },
    });
    const later = failed.when(checked('unit', 'failure')).then('EvidenceRecorded');
    later.thenTask({ spent: { 'developer:task': 1 } });
    failed.when(checked('lint', 'success')).then('EvidenceRecorded').thenTask({ stage: 'development' });
  });

  test('is named to a person, and in the brief of the developer with its URL', () => {
    expect(explain(failed.next)).toMatchObject({ text: 'check_ci_green: failed in CI: lint', actor: 'person' });
    expect(doOf(failed)).toMatch(/push a commit to feature\/queue.*stagegate override web\.WEB-1 check_ci_green/);
    const { prompt } = renderBrief(
      factsAfter('developer', [pushed, checked('lint', 'failure', { url: 'https://ci.example/7' })]),
    );
    expect(prompt).toContain('- gate: `check_ci_green`');
    expect(prompt).toContain('- failed check: `lint`, told at `https://ci.example/7`');
    expect(prompt).not.toContain('failed check: `unit`');
  });

  test('is forgotten with the next commit, of which CI says everything anew', () => {
    const next = failed.when(observeHead(THIRD)).accepted().thenNext('await', 'gate:check_ci_green');
    expect(explain(next.next).text).toMatch(/unit is missing, lint is known of/);
  });

  test('can be overridden, and then the same commit goes on', () => {
    failed.when(override('check_ci_green')).accepted().thenTask({ stage: 'review' });
  });

  test('holds the task when the retries are used up', () => {
    given(policy({ budgets: { ...POLICY.budgets, developer: 0 } }), pushed, checked('unit', 'failure')).thenTask({
      hold: { reason: 'developer-retries-exhausted', gate: 'check_ci_green' },
    });
  });
});

describe('a check that contradicts itself', () => {
  const told: Line = [pushed, checked('unit', 'success')];
  const contradicted = given(told, checked('unit', 'failure'));

  test('is nobody`s fault: the task is held, with the check in the words, and costs nothing', () => {
    // Red is believed at once while nothing speaks against it; said after green it is a riddle.
    contradicted.thenTask({
      stage: 'development',
      hold: { reason: 'inconclusive', gate: 'check_ci_green' },
      spent: {},
    });
    expect(explain(contradicted.next).text).toBe(
      'gate check_ci_green: CI said both success and failure of one commit: unit',
    );
  });

  test('does not come right by one more result; a release lets CI say it all again, and passes nothing', () => {
    contradicted
      .when(checked('unit', 'success'))
      .then('EvidenceRecorded')
      .thenTask({ hold: { reason: 'inconclusive' } });
    const released = contradicted.when(release).accepted();
    released.thenTask({ stage: 'development', hold: null }).thenNext('await', 'gate:check_ci_green');
    expect(explain(released.next).text).toContain('unit is missing, lint is missing');
    released.when(checked('unit', 'success')).then('EvidenceRecorded').thenTask({ hold: null });
  });

  test('also when what CI did not finish lies between', () => {
    given(told, checked('unit', 'cancelled'), checked('unit', 'failure')).thenTask({
      hold: { reason: 'inconclusive' },
    });
  });

  test('takes a commit back that it has let out, without a price, and what later stages found stays', () => {
    const out: Line = [
      policy({ ...agents('reviewer'), ci: { requiredChecks: ['unit'] } }),
      submit({ startStage: 'development' }),
      observeHead(NEW_HEAD),
      checked('unit', 'success'),
      claim('reviewer'),
      agentDone('reviewer', 'APPROVED'),
    ];
    const back = given(out, checked('unit', 'failure'));
    back.thenTask({
      stage: 'development',
      hold: { reason: 'inconclusive' },
      spent: {},
      verdicts: { review: { passed: true } },
    });
    const again = back.when(release).accepted().thenNext('await', 'gate:check_ci_green');
    again.when(checked('unit', 'success')).accepted().thenTask({ stage: 'testing' });
  });

  test('is looked at when the job that runs has told its result', () => {
    given(
      asks('unit'),
      submit({ startStage: 'development' }),
      observeHead(NEW_HEAD),
      checked('unit', 'success'),
      policy({ ...agents('reviewer'), ci: { requiredChecks: ['unit'] } }),
      claim('reviewer'),
      checked('unit', 'failure'),
      agentDone('reviewer', 'APPROVED'),
    ).thenTask({ stage: 'development', hold: { reason: 'inconclusive' } });
  });

  test('changes nothing once the task lands', () => {
    given(asks('unit'), landing, checked('unit', 'success'), checked('unit', 'failure'), landed()).thenTask({
      stage: 'done',
    });
  });
});

describe('what the policy asks may change while a task waits', () => {
  test('and the task is asked again by itself', () => {
    const waiting = given(pushed);
    given(pushed, policy({ ci: undefined } as never))
      .thenNext('decide', 'EvaluateGates')
      .when(evaluateGates)
      .accepted()
      .thenTask({ stage: 'review' });
    expect(waiting.next.kind).toBe('await');
    given(pushed, checked('unit', 'success'), asks('unit')).thenNext('decide', 'EvaluateGates');
  });

  test('required and not configured holds, as every gate', () => {
    given(policy({ requiredGates: ['check_ci_green'] }), submit({ startStage: 'development' }), observeHead(NEW_HEAD))
      .thenTask({ hold: { reason: 'gate', gate: 'check_ci_green' } })
      .when(release)
      .accepted()
      .thenTask({ hold: { reason: 'gate' } });
  });
});

describe('what CI said of a commit', () => {
  test('holds for it when it comes back untested and is tried again', () => {
    const { task } = given(
      policy({ onInfraExhausted: 'rollback', ci: { requiredChecks: ['unit'] } }),
      submit({ startStage: 'development' }),
      observeHead(NEW_HEAD),
      hold,
      checked('unit', 'success'),
      release,
    );
    expect(task).toMatchObject({ stage: 'review' });
    expect(ciGate.evaluate({ ...task, stage: 'development' }, { ...POLICY, ci: { requiredChecks: ['unit'] } })).toEqual(
      {
        kind: 'pass',
        evidence: { checks: ['unit'] },
      },
    );
  });

  test('is known still after the suite was red and after a person had the stage run again', () => {
    const start: Line = [submit({ startStage: 'deploy-staging' }), checked('unit', 'success'), claim('staging-suite')];
    const known = {
      evidence: { check_ci_green: { subjectOid: HEAD, data: { checks: { unit: { result: 'success' } } } } },
    };
    given(start, suiteRan({ exitCode: 1 })).thenTask({ stage: 'development', ...known });
    given(start, suiteRan(), retry).thenTask(known);
    // Once there is a candidate, it is judged; the head again, when the candidate is none any more.
    given(start, suiteRan(), mergeable, retry).thenTask(known);
  });
});

test('a check may be called as objects call their own members', () => {
  const names = ['constructor', 'toString'] as const;
  const all = (result: CheckResult): Line => names.map((name) => checked(name, result));
  given(asks(...names), submit({ startStage: 'development' }), observeHead(NEW_HEAD), all('success')).thenTask({
    stage: 'review',
  });
});
