import { COUNT_RULES } from '../../../src/domain/witness/count-rules';
import { NO_TALLY, takeLine, testsIn, type Tally } from '../../../src/domain/witness/tally';
import { countsIn } from './counts-in';

const lines = (...all: readonly string[]) => all.join('\n');
const taken = (all: readonly string[]): Tally => all.reduce(takeLine, NO_TALLY);

describe('counting tests in output', () => {
  it('adds up the summaries of all runners, and is 0 only where each of them says 0', () => {
    const zero = lines('Ran 0 tests in 0.000s', '', 'OK', 'test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured');
    expect(countsIn(zero)).toMatchObject({ executed: 0, blocks: 2 });
    expect(countsIn(lines(zero, 'Tests:       2 passed, 2 total'))).toMatchObject({ executed: 2, blocks: 3 });
  });

  it('adds up several runs of one runner', () => {
    const run = lines('  2 passing (3ms)', '  1 failing');
    expect(countsIn(lines(run, 'something else', run))).toMatchObject({ passed: 4, failed: 2, blocks: 2 });
  });

  it('knows nothing where nothing was recognised', () => {
    expect(countsIn(lines('compiling', 'done: 3 tests, all fine', 'pass 3'))).toBeNull();
  });

  it('calls whatever the output alone says claimed, and names its rules with their versions', () => {
    expect(countsIn('OK (2 tests, 2 assertions)')).toEqual({
      executed: 2,
      passed: 2,
      failed: 0,
      skipped: 0,
      how: 'text',
      blocks: 1,
      rules: ['phpunit-ok@1'],
      isClaimed: true,
    });
  });

  it('counts the tests of pytest, and not their parts', () => {
    const summary = '====== 1 failed, 5 passed, 3 subtests passed, 1 subtests failed in 0.12s ======';
    expect(countsIn(summary)).toMatchObject({ passed: 5, failed: 1, rules: ['pytest-closing@2'] });
  });

  it('adds up both streams', () => {
    const [one, other] = [taken(['Tests:       2 passed, 2 total']), taken(['3 examples, 0 failures'])];
    expect(testsIn([one, other])).toMatchObject({ executed: 5, blocks: 2 });
  });

  it('does not count single lines of go once more where its package or gotestsum sums them up', () => {
    const verbose = ['--- PASS: TestA (0.00s)', '--- FAIL: TestB (0.00s)', 'FAIL\tx\t0.003s'];
    expect(countsIn(lines(...verbose))).toMatchObject({ passed: 1, failed: 1 });
    expect(countsIn(lines(...verbose, 'DONE 2 tests, 1 failure in 0.1s'))).toMatchObject({
      passed: 1,
      failed: 1,
      blocks: 1,
    });
  });

  it('takes the parts of a summary for nothing without its beginning', () => {
    expect(countsIn(lines('ℹ pass 3', '  2 failing', 'OK'))).toBeNull();
    expect(countsIn(lines('# pass 3', '     Passed: 3'))).toBeNull();
  });

  it('does not take tasks of gradle without tests for all of them', () => {
    const empty = '> Task :test NO-SOURCE';
    expect(countsIn(empty)).toMatchObject({ executed: 0 });
    for (const task of ['> Task :web:test', '> Task :web:test UP-TO-DATE', '> Task :web:test FROM-CACHE']) {
      expect(countsIn(lines(empty, task, 'BUILD SUCCESSFUL in 3s'))).toBeNull();
      expect(countsIn(lines(task, empty))).toBeNull();
    }
    expect(countsIn(lines(empty, '> Task :web:test', 'WebTest > adds PASSED'))).toMatchObject({ executed: 1 });
  });

  it('takes files that some tool ticks off for no tests of node', () => {
    expect(countsIn(lines('✔ /src/a.js (1 ms)', '✔ /src/b.js (2 ms)'))).toBeNull();
    expect(countsIn(lines('✔ /src/a.test.js (1 ms)', 'ℹ tests 1', 'ℹ pass 1', 'ℹ fail 0'))).toMatchObject({
      executed: 0,
    });
  });

  it('stays as small as the number of runners, however much is printed', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `ok ${at} - test ${at}`);
    const tally = taken(['TAP version 13', ...many, 'Tests:       1 passed, 1 total']);
    expect(JSON.stringify(tally).length).toBeLessThan(600);
  });

  it('has rules with names of their own, whose patterns are anchored', () => {
    const ids = COUNT_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { says } of COUNT_RULES) expect(says.source).toMatch(/^\^.*\$$|^\^/);
  });

  it('takes a line of any length in no time', () => {
    const long = [' ', '=', '1 passed, ', 'ok 1 ', '\t', 'Tests: 1, ', '--- PASS: ', '> Task :'].map((part) =>
      part.repeat(400),
    );
    const begun = performance.now();
    for (const line of long) for (let round = 0; round < 50; round += 1) takeLine(NO_TALLY, line.slice(0, 2_000));
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('TAP', () => {
  it('counts the points that have no points of their own', () => {
    const tap = lines(
      'TAP version 14',
      '# Subtest: group',
      '    ok 1 - a',
      '    not ok 2 - b',
      '    1..2',
      'not ok 1 - group',
      'ok 2 - c # SKIP no database',
      'not ok 3 - d # TODO later',
      'ok 4 - e',
      '1..4',
    );
    expect(countsIn(tap)).toMatchObject({ executed: 3, passed: 2, failed: 1, skipped: 2, how: 'tap' });
  });

  it('misses what a plan has and its points do not, and what bailed out', () => {
    expect(countsIn(lines('1..3', 'ok 1', 'ok 2'))).toMatchObject({ passed: 2, failed: 1 });
    expect(countsIn(lines('TAP version 13', 'ok 1', 'Bail out! no database'))).toMatchObject({ passed: 1, failed: 1 });
  });

  it('is a run of nothing where the plan says so', () => {
    expect(countsIn('1..0 # SKIP no database')).toMatchObject({ executed: 0, failed: 0, blocks: 1 });
  });

  it('is no plan where there are no points, whatever another runner prints', () => {
    expect(countsIn('1..5')).toBeNull();
    expect(countsIn(lines('1..5', '3 examples, 0 failures'))).toMatchObject({ executed: 3, failed: 0 });
    expect(countsIn(lines('1..5', 'ok  \tx/a\t0.003s', 'ok  \tx/b\t0.003s'))).toMatchObject({ executed: 2, failed: 0 });
    expect(countsIn(lines('1..5', 'ok 1 - a'))).toMatchObject({ passed: 1, failed: 4 });
    expect(countsIn(lines('TAP version 13', '1..5'))).toMatchObject({ failed: 5 });
  });

  it('is none where points have neither a version nor a plan', () => {
    expect(countsIn(lines('ok 1', 'ok then', 'not ok'))).toBeNull();
  });

  it('adds up runs, each with a plan of its own', () => {
    expect(countsIn(lines('1..2', 'ok 1', 'ok 2', '1..1', 'ok 1'))).toMatchObject({ passed: 3, failed: 0 });
    expect(countsIn(lines('ok 1', 'ok 2', '1..2', 'ok 1', '1..1'))).toMatchObject({ passed: 3, failed: 0 });
  });

  it('gives way to what its runner says at the end', () => {
    const tap = lines('TAP version 13', 'ok 1 - /x/a.test.js', '1..1', '# tests 1', '# pass 1', '# fail 0');
    expect(countsIn(tap)).toMatchObject({ executed: 0, how: 'text' });
  });
});
