import type { JudgeOutcome } from '../../../../src/domain/gates/judge/judge-evidence';
import { renderJudge, type JudgePage } from '../../../../src/domain/gates/judge/judge-page';

const OUTCOME: JudgeOutcome = {
  finding: 'rewritten',
  files: [
    { path: 'test/`a`.test.js', kind: 'test', change: 'changed', weighs: true },
    { path: 'test/new.test.js', kind: 'test', change: 'added', weighs: false },
  ],
  protected: [],
  trial: {
    treeOid: '7'.repeat(40),
    runs: [1, 2].map((at) => ({ exitCode: 1, durationMs: at, runId: `run-${at}`, tail: `red ${at}\n`, doubt: null })),
    isKnown: false,
  },
};
const PAGE: JudgePage = {
  ...{ task: 'web.T1', newOid: 'c'.repeat(40), baseOid: 'b'.repeat(40) },
  outcome: OUTCOME,
  owners: (path) => (path.startsWith('test/') ? ['@quality'] : []),
  ownRun: 'green with its own tests\n',
  review: null,
};

test('has both outputs, the files that weigh with their owners, and what it cost', () => {
  const text = renderJudge(PAGE);
  expect(text).toContain("- with main's tests: red\n");
  expect(text).toContain('- cost: 3 ms in 2 runs\n');
  expect(text).toContain('changed test/`a`.test.js (test; owners @quality)');
  expect(text).not.toContain('new.test.js');
  expect(text).toMatch(
    /last part\n[^]*red 1\n[^]*once more, last part[^]*red 2\n[^]*branch, last part[^]*green with its own/,
  );
  expect(renderJudge(PAGE)).toBe(text);
});

test('has what the reviewer wrote beside it, as a quotation that decides nothing', () => {
  const review = "---\nreview_status: APPROVED\n---\n# What judges web.T1\n- with main's tests: green\n";
  const text = renderJudge({ ...PAGE, review });
  expect(text).toContain('    review_status: APPROVED');
  expect(text.match(/^# /gm)).toHaveLength(1);
  expect(text.match(/^- with main's tests: .*/gm)).toEqual(["- with main's tests: red"]);
  expect(text).toContain('It decides nothing here');
});

test.each([
  ['contradictory', [1, 0], 'red, and green once more'],
  ['green', [0], 'green'],
] as const)('says of one that is %s what came of it', (finding, codes, words) => {
  const runs = codes.map((exitCode) => ({ exitCode, durationMs: 1, runId: 'r', tail: '', doubt: null }));
  const trial = { treeOid: 't', runs, isKnown: true };
  const text = renderJudge({ ...PAGE, outcome: { ...OUTCOME, finding, trial, protected: ['test/a.test.js'] } });
  expect(text).toContain(`- with main's tests: ${words}\n`);
  expect(text).toContain('known from before');
  expect(text).toContain('- protected: `test/a.test.js`');
});

test('stays short, however much was printed and changed', () => {
  const files = Array.from({ length: 2_000 }, (_, at) => ({ ...OUTCOME.files[0], path: `test/${at}` }));
  const long = 'x\n'.repeat(100_000);
  const outcome = { ...OUTCOME, files } as JudgeOutcome;
  const text = renderJudge({ ...PAGE, outcome, ownRun: long, review: long });
  expect(text.length).toBeLessThan(200_000);
  expect(text).toContain('- and 1500 more');
});
