import { evidenceFor } from '../../../../src/domain/gates/subject';
import {
  checksOf,
  isCheckName,
  isCheckUrl,
  isFileName,
  MOST_CHECKS,
} from '../../../../src/domain/gates/outside-evidence';
import { operator } from '../../../../src/domain/authority/principal';
import { GATES } from '../../../../src/domain/task/pipeline';
import { given, happened } from '../../../support/given-when-then';
import { agents, ANN } from '../../../support/policies';
import {
  agentDone,
  by,
  CANDIDATE,
  claim,
  HEAD,
  NEW_HEAD,
  observeHead,
  policy,
  readyToLand,
  checked,
  delivered,
  stagedGreen,
  submit,
  submittedForStaging,
} from '../../../support/task-stories';

const DIGEST = '7'.repeat(64);

describe('what somebody outside says of a check', () => {
  test('is recorded without a claim, for the commit that gates judge, with who says it', () => {
    given(submittedForStaging)
      .when(
        checked('build', 'success', { url: 'https://ci.example/1', files: [{ name: 'junit.xml', digest: DIGEST }] }),
      )
      .then(
        happened('EvidenceRecorded', {
          gate: 'check_ci_green',
          subjectOid: HEAD,
          run: null,
          evidence: {
            name: 'build',
            result: 'success',
            url: 'https://ci.example/1',
            files: [{ name: 'junit.xml', digest: DIGEST }],
            by: 'ann',
          },
        }),
      );
  });

  test('is what its gate asks for, check by check, the last result of each', () => {
    const { task } = given(
      submittedForStaging,
      checked('build', 'failure'),
      checked('lint', 'success'),
      checked('build', 'success'),
    );
    expect(evidenceFor(task, 'check_ci_green')).toMatchObject({ subjectOid: HEAD, runId: null });
    expect([...checksOf(task, 'check_ci_green')].map(([name, { result }]) => [name, result])).toEqual([
      ['build', 'success'],
      ['lint', 'success'],
    ]);
  });

  test('again is nothing, whoever says it; another result, or the first one after another, is something', () => {
    given(submittedForStaging).when(checked('build', 'success')).again().thenNothing();
    given(submittedForStaging, checked('build', 'success'), by(operator('bob')))
      .when(checked('build', 'success'))
      .thenNothing();
    given(submittedForStaging, checked('build', 'success'), checked('build', 'failure'))
      .when(checked('build', 'success'))
      .then('EvidenceRecorded');
    given(submittedForStaging, checked('build', 'success'))
      .when(checked('build', 'success', { url: 'https://ci.example/2' }))
      .then('EvidenceRecorded');
  });

  test('by a webhook cites the delivery, and is taken once, under whatever id it comes again', () => {
    const first = given(submittedForStaging)
      .when(delivered('build', 'success', 'd1', DIGEST))
      .then(
        happened('EvidenceRecorded', {
          subjectOid: HEAD,
          evidence: {
            name: 'build',
            result: 'success',
            url: null,
            files: [],
            by: 'ann',
            delivery: { source: 'github', id: 'd1', digest: DIGEST },
          },
        }),
      );
    // A replay would take back what was said meanwhile.
    const red = first.when(delivered('build', 'failure', 'd2', '8'.repeat(64))).then('EvidenceRecorded');
    red.when(delivered('build', 'success', 'd1', DIGEST)).thenNothing();
    red.when(delivered('build', 'success', 'd3', DIGEST)).thenNothing();
    red.when(delivered('build', 'success', 'd4', '9'.repeat(64))).then('EvidenceRecorded');
  });

  test('is told about the commit that it names, and refused about any other, with both in the line', () => {
    given(submittedForStaging)
      .when(checked('build', 'success', {}, HEAD))
      .then('EvidenceRecorded');
    given(submittedForStaging)
      .when(checked('build', 'success', {}, NEW_HEAD))
      .thenRejected('other-commit', new RegExp(`about ${NEW_HEAD}, and gates judge ${HEAD}`));
    given(readyToLand)
      .when(checked('build', 'success', {}, HEAD))
      .thenRejected('other-commit', new RegExp(CANDIDATE));
    given(readyToLand)
      .when(checked('build', 'success', {}, CANDIDATE))
      .then('EvidenceRecorded');
  });

  test('counts no more once the branch has moved, and begins anew', () => {
    const moved = given(submit(), checked('build', 'success'), observeHead(NEW_HEAD));
    expect(evidenceFor(moved.task, 'check_ci_green')).toBeNull();
    const { task } = moved.when(checked('lint', 'success', {}, NEW_HEAD)).accepted();
    expect([...checksOf(task, 'check_ci_green').keys()]).toEqual(['lint']);
  });

  test('ends no claim and no failure', () => {
    const running = given(stagedGreen, claim('merge-gate'));
    const { task } = running.when(checked('build', 'success')).then('EvidenceRecorded');
    expect(task.claim).toEqual(running.task.claim);
    given(submittedForStaging, claim('staging-suite'), checked('build', 'failure')).thenNext('wait', 'running');
  });

  test.each(GATES.filter((gate) => gate !== 'check_ci_green'))('is nothing that %s judges by', (gate) => {
    given(submittedForStaging)
      .when(checked('build', 'success', {}, null, gate))
      .thenRejected('takes-no-evidence', /only: check_ci_green/);
  });

  test('is taken from no agent', () => {
    const agent = { ...ANN, name: 'bot', kind: 'agent' } as const;
    given(submittedForStaging, by(agent))
      .when(checked('build', 'success'))
      .thenRejected('not-allowed', /bot is an agent/);
  });

  test('of more checks than a person can read is refused, and the known ones still change', () => {
    const all = Array.from({ length: MOST_CHECKS }, (_, index) => checked(`check ${index}`, 'success'));
    const full = given(submittedForStaging, ...all);
    full.when(checked('one more', 'success')).thenRejected('too-many-checks', /at most 100 checks/);
    full.when(checked('check 7', 'failure')).then('EvidenceRecorded');
  });

  test('with names that objects have of their own is kept as any other', () => {
    const { task } = given(submittedForStaging, checked('constructor', 'success'), checked('toString', 'failure'));
    expect([...checksOf(task, 'check_ci_green').keys()].sort()).toEqual(['constructor', 'toString']);
    given(submittedForStaging).when(checked('hasOwnProperty', 'success')).again().thenNothing();
  });

  test('stays with a task that an agent works at', () => {
    given(
      policy(agents('developer')),
      submit({ startStage: 'development' }),
      claim('developer'),
      checked('build', 'success'),
      agentDone('developer', null, NEW_HEAD),
    ).thenTask({ stage: 'review' });
  });
});

describe('what fits', () => {
  test.each(['build', 'build (ubuntu, 18)', 'ci/circle: test', 'Prüfung', '1'])('a check may be called %j', (name) => {
    expect(isCheckName(name)).toBe(true);
  });

  test.each(['', ' build', '-x', '__proto__', 'a\nb', 'a\u001b[31m', 'a\u0000', '\ud800', 'x'.repeat(101), 'a\u2028b'])(
    'a check may not be called %j',
    (name) => {
      expect(isCheckName(name)).toBe(false);
    },
  );

  test.each([
    'ftp://x',
    'javascript:alert(1)',
    'https://',
    'https://a b',
    `https://${'x'.repeat(1_000)}`,
    'https://a\u0007',
  ])('a URL may not be %j', (url) => {
    expect(isCheckUrl(url)).toBe(false);
  });

  test.each(['..', '../x', '/etc/passwd', '.env', 'a b', '', 'x'.repeat(101), 'a\u0000'])(
    'a file may not be %j',
    (name) => {
      expect(isFileName(name)).toBe(false);
    },
  );
});
