import { renderBrief } from '../../../src/domain/brief/render-brief';
import { reportsFor } from '../../../src/domain/brief/reports';
import type { AgentRole } from '../../../src/domain/task/pipeline';
import type { Line } from '../../support/given-when-then';
import {
  agentDone,
  claim,
  HEAD,
  NEW_HEAD,
  observeHead,
  rebasedOnto,
  RETEST_LOG,
  redSeen,
  retested,
  submit,
  suiteRan,
} from '../../support/task-stories';
import { factsAfter, reported } from './facts';

const REFUSED: readonly Line[] = [
  submit({ startStage: 'review' }),
  claim('reviewer'),
  reported('reviewer', 'REQUEST_CHANGES', '3'),
];
const REPAIRED: readonly Line[] = [claim('developer'), agentDone('developer', null, NEW_HEAD)];
const REVIEW = { name: '12-review.md', text: '---\nreview_status: REQUEST_CHANGES\n---\nLine 7 leaks.\n' };

const promptOf = (role: AgentRole, story: readonly Line[], reports = [REVIEW]) =>
  renderBrief(factsAfter(role, story, { reports })).prompt;
const reportsOf = (role: AgentRole, story: readonly Line[]) => {
  const { task, stage } = factsAfter(role, story);
  return reportsFor(task, stage).map(({ name, digest, isReason }) => [name, digest[0], isReason]);
};

test('a reviewer of the second round is told what it objected to, and where the repair begins', () => {
  const prompt = promptOf('reviewer', [...REFUSED, ...REPAIRED]);
  for (const part of [
    '## What was repaired',
    'check_review_approved',
    'the answer was REQUEST_CHANGES',
    '    Line 7 leaks.',
    `\`git log ${HEAD}..\``,
  ])
    expect(prompt).toContain(part);
  expect(prompt).not.toContain('## Why it came back');
  expect(reportsOf('reviewer', [...REFUSED, ...REPAIRED])).toEqual([['12-review.md', '3', true]]);
});

test('the developer who is to repair it is told as before', () => {
  const prompt = promptOf('developer', REFUSED);
  expect(prompt).toContain('## Why it came back');
  expect(prompt).not.toContain('## What was repaired');
});

test('a tester is told of the review that had said no, and not of the one that said yes since', () => {
  const story = [...REFUSED, ...REPAIRED, claim('reviewer'), reported('reviewer', 'APPROVED', '4')];
  expect(reportsOf('tester', story)).toEqual([['12-review.md', '3', true]]);
  expect(promptOf('tester', story)).toContain('    Line 7 leaks.');
});

test('a red re-test: reviewer and tester get its output, and what they had said themselves', () => {
  const red: readonly Line[] = [
    ...[submit({ startStage: 'review' }), claim('reviewer'), reported('reviewer', 'APPROVED', '5')],
    ...[claim('tester'), reported('tester', 'PASSED', '6')],
    ...[claim('staging-suite'), suiteRan()],
    ...[claim('merge-gate'), rebasedOnto(), redSeen(), retested({ exitCode: 1 }), ...REPAIRED],
  ];
  expect(reportsOf('reviewer', red)).toEqual([
    ['15-retest-log.md', RETEST_LOG.digest[0], true],
    ['12-review.md', '5', false],
  ]);
  const prompt = promptOf('reviewer', red, [{ name: '15-retest-log.md', text: 'not ok 3\n' }]);
  for (const part of ['## What was repaired', 'check_branch_mergeable', '    not ok 3']) expect(prompt).toContain(part);
});

test('more commits beside the repair leave it to be told', () => {
  const story = [...REFUSED, ...REPAIRED, observeHead('e'.repeat(40))];
  expect(promptOf('reviewer', story)).toContain('    Line 7 leaks.');
});

test('another objection takes the place of the one before', () => {
  const again: readonly Line[] = [claim('reviewer'), reported('reviewer', 'REQUEST_CHANGES', '8')];
  const more: readonly Line[] = [claim('developer'), agentDone('developer', null, 'e'.repeat(40))];
  const story = [...REFUSED, ...REPAIRED, ...again, ...more];
  expect(reportsOf('reviewer', story)).toEqual([['12-review.md', '8', true]]);
  expect(promptOf('reviewer', story)).toContain(`\`git log ${NEW_HEAD}..\``);
});

test('nothing is said of a repair the first time', () => {
  const prompt = promptOf('reviewer', [submit({ startStage: 'review' })]);
  expect(prompt).not.toContain('repaired');
});

test('what CI had refused names its gate, for there is no run that failed', () => {
  const facts = factsAfter('reviewer', [submit({ startStage: 'review' })]);
  const sentBack = {
    failure: null,
    from: 'development',
    gate: 'check_ci_green',
    reason: 'failed in CI: unit',
  } as const;
  const { prompt } = renderBrief({ ...facts, task: { ...facts.task, reworked: { headOid: HEAD, sentBack } } });
  for (const part of ['## What was repaired', 'failed in CI: unit', '- gate: `check_ci_green`'])
    expect(prompt).toContain(part);
});
