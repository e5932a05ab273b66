import {
  comparedByCount,
  comparedByName,
  comparedToNothing,
  comparisonText,
  namesIn,
  namesText,
} from '../../../src/domain/witness/compare-tests';
import type { TestComparison } from '../../../src/domain/witness/compare-tests';
import type { TestsOfRun } from '../../../src/domain/witness/test-counts';
import { witnessFinding } from '../../../src/domain/witness/witness-finding';

const names = (...lines: readonly string[]) => namesIn(lines.join('\n'));
const tests = (of: Partial<TestsOfRun>): TestsOfRun => ({
  executed: 40,
  passed: 40,
  failed: 0,
  skipped: 0,
  how: 'junit',
  blocks: 1,
  rules: ['junit-xml@1'],
  ...of,
});

describe('names of tests', () => {
  it('are the same text whatever order they ran in, and however a test ended that ran', () => {
    const one = namesText([
      { name: 'Web > b', state: 'failed' },
      { name: 'Web > a', state: 'passed' },
      { name: 'Web > c', state: 'skipped' },
    ]);
    const other = namesText([
      { name: 'Web > c', state: 'skipped' },
      { name: 'Web > a', state: 'passed' },
      { name: 'Web > b', state: 'passed' },
      { name: 'Web > a', state: 'passed' },
    ]);
    expect(other).toBe(one);
    expect([...namesIn(one)]).toEqual([
      ['Web > a', 'run'],
      ['Web > b', 'run'],
      ['Web > c', 'skipped'],
    ]);
  });

  it('that stand twice ran where one of them did', () => {
    expect([...names('- x', '+ x')]).toEqual([['x', 'run']]);
    expect([...names('+ x', '- x')]).toEqual([['x', 'run']]);
  });
});

describe('compared with main', () => {
  const main = names('+ Web > a', '+ Web > b', '+ Web > c', '- Web > d');

  it('says what is gone and what is skipped now, and not what main skipped itself', () => {
    expect(comparedByName('r1', main, names('+ Web > a', '- Web > b', '+ New > x'))).toEqual({
      runId: 'r1',
      before: 3,
      vanished: 1,
      newlySkipped: 1,
      moved: 0,
      names: ['gone: Web > c', 'skipped: Web > b'],
    });
  });

  it('takes a test of the same name in another class or file for one that has moved, where each stands once', () => {
    const moved = comparedByName('r1', main, names('+ Web > a', '+ Net > b', '+ Net > c'));
    expect(moved).toMatchObject({ vanished: 0, moved: 2 });
    expect(comparisonText(moved)).toBeNull();
    const twice = names('+ A > same', '+ B > same');
    expect(comparedByName('r1', twice, names('+ C > same'))).toMatchObject({ vanished: 2, moved: 0 });
  });

  it('lists the first of many', () => {
    const many = names(...Array.from({ length: 100 }, (_, at) => `+ Web > t${at}`));
    const found = comparedByName('r1', many, names());
    expect([found.vanished, found.names.length]).toEqual([100, 20]);
    expect(comparisonText(found)).toMatch(/100 vanished and 0 are skipped now: gone: .*, …$/);
  });

  it('by numbers only where both were counted in the same way', () => {
    expect(comparedByCount('r1', tests({}), tests({ executed: 30, skipped: 4 }))).toMatchObject({
      vanished: 6,
      newlySkipped: 4,
    });
    expect(comparedByCount('r1', tests({}), tests({ executed: 45 }))).toMatchObject({ vanished: 0, newlySkipped: 0 });
    expect(comparedByCount('r1', tests({}), tests({ how: 'text', executed: 3 }))).toBeNull();
    expect(comparedByCount('r1', tests({}), tests({ rules: ['x@2'], executed: 3 }))).toBeNull();
  });
});

describe('what becomes of it', () => {
  const compared = (vanished: number, newlySkipped = 0, before = 40): TestComparison => ({
    runId: 'r1',
    before,
    vanished,
    newlySkipped,
    moved: 0,
    names: [],
  });

  it.each([
    ['few', compared(4), undefined, null],
    ['five of forty', compared(5), undefined, 'tests_vanished'],
    ['skipped ones count too', compared(2, 3), undefined, 'tests_vanished'],
    ['a tenth of many', compared(40, 0, 400), undefined, null],
    ['more than a tenth of many', compared(41, 0, 400), undefined, 'tests_vanished'],
    ['many, which are only noted', compared(30), 'note', null],
    ['one, for each of which it is held', compared(1), 'hold', 'tests_vanished'],
    ['none, all the same', compared(0), 'hold', null],
  ] as const)('%s', (_what, found, onVanishedTests, reason) => {
    const run = { exitCode: 0, tests: tests({}), compared: found };
    const asked = onVanishedTests === undefined ? {} : { onVanishedTests };
    expect(witnessFinding(run, asked)?.reason ?? null).toBe(reason);
  });

  it('a run of which nothing is known is held where main had tests, were they few, and believed where nobody knows of any', () => {
    const reason = (found: TestComparison | undefined, asked: object = {}) =>
      witnessFinding({ exitCode: 0, ...(found ? { compared: found } : {}) }, asked)?.reason ?? null;
    const silent = comparedToNothing('r1', tests({ executed: 2 }));
    expect(silent).toMatchObject({ before: 2, vanished: 2, names: [] });
    expect(reason(silent)).toBe('tests_vanished');
    expect(reason(silent, { onVanishedTests: 'hold' })).toBe('tests_vanished');
    expect(reason(silent, { onVanishedTests: 'note' })).toBeNull();
    expect(reason(silent, { minTests: 0 })).toBeNull();
    expect(reason(silent, { minTests: 1 })).toBe('too_few_tests');
    expect(reason(undefined)).toBeNull();
  });

  it('a run of no tests says that the change removed them', () => {
    const run = { exitCode: 0, tests: tests({ executed: 0, passed: 0 }), compared: compared(40) };
    const found = witnessFinding(run, {});
    expect(found?.reason).toBe('no_tests_ran');
    expect(found?.evidence[0]).toMatch(/^the change removed them: of 40 tests that main's run r1 executed 40 vanished/);
  });
});
