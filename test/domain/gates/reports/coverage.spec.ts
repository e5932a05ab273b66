import fc from 'fast-check';
import { changedCoverage, changedSources, isMapped } from '../../../../src/domain/gates/coverage/changed-lines';
import {
  coverageFacts,
  figuresIn,
  rangesText,
  seenLines,
} from '../../../../src/domain/gates/coverage/coverage-evidence';
import {
  coverageOutcome,
  isFault,
  needsMainsCoverage,
  type CoverageGround,
  type CoverageOutcome,
} from '../../../../src/domain/gates/coverage/coverage-outcome';
import { renderCoverage } from '../../../../src/domain/gates/coverage/coverage-page';
import {
  figureOf,
  type ChangedFile,
  type CoverageReport,
  type ReportedFile,
} from '../../../../src/domain/gates/coverage/coverage-report';
import { brokenRules, ruleLine, type CoverageThresholds } from '../../../../src/domain/gates/coverage/figures';
import { mapReport } from '../../../../src/domain/gates/coverage/mapping';
import { isEnough } from '../../../support/coverage-invariants';
import { matchesGlobs } from '../../../../src/domain/globs';

const OFF: CoverageThresholds = { floor: null, tolerance: null, changedLines: null };
const figure = (covered: number, coverable: number) => ({ covered, coverable });
const only = (covered: number, coverable: number) => ({ total: figure(covered, coverable), main: null, changed: null });

describe('the rules', () => {
  test.each([
    [8, 10, 80, []],
    [7999, 10_000, 80, ['floor']],
    [8000, 10_000, 80, []],
    [1, 3, 33.33, []],
    [1, 3, 33.34, ['floor']],
    [0, 0, 80, []],
    [0, 7, 0, []],
    [7, 7, 100, []],
  ])('%i of %i lines at a floor of %p break %p', (covered, coverable, floor, broken) => {
    expect(brokenRules(only(covered, coverable), { ...OFF, floor })).toEqual(broken);
  });

  test.each([
    [figure(85, 100), figure(855, 1000), 0.5, []],
    [figure(8499, 10_000), figure(855, 1000), 0.5, ['main']],
    [figure(99, 100), figure(1, 1), 0, ['main']],
    [figure(2, 3), figure(4, 6), 0, []],
    [figure(0, 9), figure(1, 1000), 0.5, []],
    [figure(0, 9), figure(0, 0), 0, []],
  ])('%p against main with %p and a tolerance of %p break %p', (total, main, tolerance, broken) => {
    expect(brokenRules({ total, main, changed: null }, { ...OFF, tolerance })).toEqual(broken);
  });

  test('changed lines count by themselves, and a change without lines that can be covered breaks nothing', () => {
    const asked = { ...OFF, changedLines: 80 };
    const of = (changed: ReturnType<typeof figure>) => brokenRules({ ...only(1, 100), changed }, asked);
    expect([of(figure(4, 5)), of(figure(3, 4)), of(figure(0, 0))]).toEqual([[], ['changed lines'], []]);
  });

  test('no figure is too large to be compared exactly', () => {
    const main = figure(4_999_999_999_999, 5_000_000_000_000);
    const total = figure(4_999_999_999_998, 5_000_000_000_000);
    expect(brokenRules({ total, main, changed: null }, { ...OFF, tolerance: 0 })).toEqual(['main']);
  });
});

test('the rules are those that the invariant reckons once more', () => {
  const figures = fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => figure(Math.min(a, b), Math.max(a, b)));
  const percent = fc.option(fc.nat(10_000).map((hundredths) => hundredths / 100));
  fc.assert(
    fc.property(
      figures,
      figures,
      figures,
      percent,
      percent,
      percent,
      (...[total, main, changed, floor, tolerance, changedLines]) => {
        const asked = { floor, tolerance, changedLines };
        expect(brokenRules({ total, main, changed }, asked).length === 0).toBe(
          isEnough({ total, main, changed }, asked),
        );
      },
    ),
    { numRuns: 5_000 },
  );
});

describe('the words', () => {
  test.each([
    [only(7996, 10_000), 'floor: 79.9 % of all lines (7996 of 10000), at least 80.0 % asked'],
    [only(799_999, 1_000_000), 'floor: 79.9 % of all lines (799999 of 1000000), at least 80.0 % asked'],
    [only(0, 3), 'floor: 0.0 % of all lines (0 of 3), at least 80.0 % asked'],
  ])('of a floor cut shares, and never round them up', (figures, words) => {
    expect(ruleLine('floor', figures, { ...OFF, floor: 80 })).toBe(words);
  });

  test('of a comparison with main have as many decimals as tell the figures apart', () => {
    const figures = { total: figure(85_494, 100_000), main: figure(85_995, 100_000), changed: null };
    expect(ruleLine('main', figures, { ...OFF, tolerance: 0.5 })).toBe(
      'main: 85.494 % of all lines (85494 of 100000), main has 85.995 % (85995 of 100000), at least 85.495 % asked',
    );
  });

  test('never show the same for shares that differ', () => {
    const counts = fc.tuple(fc.nat(3_000), fc.integer({ min: 1, max: 3_000 }));
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 0, max: 500 }), ([a, b], [c, d], hundredths) => {
        const figures = { total: figure(Math.min(a, b), b), main: figure(Math.min(c, d), d), changed: null };
        const asked = { ...OFF, tolerance: hundredths / 100 };
        const [total = '', main = '', least = ''] = ruleLine('main', figures, asked).match(/\d+\.\d+ %/g) ?? [];
        const isBroken = brokenRules(figures, asked).length > 0;
        const of = (text: string) => Number(text.slice(0, -2));
        expect(of(total) < of(least)).toBe(isBroken);
        expect(total === main).toBe(figures.total.covered * d === figures.main.covered * b);
      }),
    );
  });

  test('of lines put neighbours together, and count what is left out', () => {
    expect(rangesText([1, 2, 3, 7, 9, 10], 100)).toBe('1-3, 7, 9-10');
    expect(rangesText([1, 2, 3, 7, 9, 10], 8)).toBe('1-3, 7 and 2 lines more');
  });
});

describe('patterns of files', () => {
  test.each([
    ['src/a.js', ['src/**'], true],
    ['src/deep/a.js', ['src/*.js'], false],
    ['src/deep/a.js', ['**/*.js'], true],
    ['a.js', ['**/*.js'], true],
    ['src/a.test.js', ['src/**/*.js', '!**/*.test.js'], false],
    ['src/a.js', ['!**/*.d.ts'], true],
    ['src/a.d.ts', ['!**/*.d.ts'], false],
    ['src/a.js', ['./src/?.js'], true],
    ['lib/a.js', ['src/**', 'lib/**'], true],
    ['src/a.js', ['src'], false],
    ['a+b(1).js', ['a+b(1).js'], true],
    ['axb', ['a.b'], false],
    ['src/x/y/z/a.js', ['src/**/z/**/a.js'], true],
  ])('%s is named by %p: %p', (path, patterns, isNamed) => {
    expect(matchesGlobs(path, patterns)).toBe(isNamed);
  });

  test('none makes it slow', () => {
    const began = Date.now();
    expect(matchesGlobs(`${'a'.repeat(2_000)}b`, [`${'*a'.repeat(60)}c`])).toBe(false);
    expect(matchesGlobs(Array(500).fill('a').join('/'), [`${'**/a/'.repeat(60)}c`])).toBe(false);
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});

const lines = (covered: readonly number[], open: readonly number[]) =>
  new Map([...covered.map((line) => [line, true] as const), ...open.map((line) => [line, false] as const)]);
function file(path: string, covered: readonly number[], open: readonly number[] = []): ReportedFile {
  const hits = lines(covered, open);
  return { paths: [path], lines: hits, ...figureOf(hits) };
}
const report = (...files: readonly ReportedFile[]): CoverageReport => ({ format: 'lcov', files });
const changed = (path: string, ...stretches: readonly (readonly [number, number])[]): ChangedFile => ({
  path,
  stretches,
  lineCount: 100,
});

describe('files of a report in a commit', () => {
  const commit = new Set(['packages/a/src/x.js', 'packages/b/src/x.js', 'src/y.js', 'we ird\n"näme.js']);
  const found = (reportPath: string, ...paths: readonly string[]) => [
    ...mapReport(report(...paths.map((path) => file(path, [1]))), commit, reportPath).files.keys(),
  ];

  test('count from its root, whatever detours and odd characters they have', () => {
    expect(found('lcov.info', './src//y.js', 'a/../src/y.js', 'we ird\n"näme.js')).toEqual([
      'src/y.js',
      'we ird\n"näme.js',
    ]);
  });

  test('count from a folder on the way to the report where that is where they are', () => {
    expect(found('packages/a/coverage/lcov.info', 'src/x.js')).toEqual(['packages/a/src/x.js']);
    expect(found('packages/b/coverage/lcov.info', 'src/x.js')).toEqual(['packages/b/src/x.js']);
    expect(found('coverage/lcov.info', 'src/x.js')).toEqual([]);
  });

  test('are none where they lead elsewhere', () => {
    const { files, foreign } = mapReport(report(file('/usr/lib/z.js', [1]), file('../src/y.js', [1])), commit, 'r');
    expect([[...files], foreign]).toEqual([[], ['/usr/lib/z.js', '../src/y.js']]);
  });

  test('that are told of twice by different names are one', () => {
    const { files } = mapReport(report(file('src/y.js', [1], [2]), file('./src/y.js', [2], [3])), commit, 'r');
    expect(files.get('src/y.js')).toMatchObject({ covered: 2, coverable: 3 });
  });
});

const ground = (more: Partial<CoverageGround> = {}): CoverageGround => ({
  changed: [],
  files: new Set(['src/a.js', 'src/b.js', 'test/a.test.js', 'src/types.d.ts']),
  filesOfMain: new Set(['src/a.js']),
  ...more,
});
const USUAL = { floor: 50, tolerance: 0.5, changedLines: 80, sources: [], reportPath: 'lcov.info' };
const MAIN = report(file('src/a.js', [1, 2]));

function outcome(found: CoverageReport, at: CoverageGround, policy: Partial<typeof USUAL> & object = {}) {
  return coverageOutcome({ report: found, base: MAIN }, at, { ...USUAL, ...policy });
}
function facts(...given: Parameters<typeof outcome>): CoverageOutcome {
  const found = outcome(...given);
  if (isFault(found)) throw new Error(found.evidence);
  return found;
}
function fault(...given: Parameters<typeof outcome>): string {
  const found = outcome(...given);
  return isFault(found) ? `${found.reason}: ${found.evidence}` : 'none';
}

describe('the outcome', () => {
  test('has all lines, those of main, and those that the change brings', () => {
    const at = ground({ changed: [changed('src/a.js', [2, 3], [8, 9]), changed('src/b.js', [1, 1])] });
    const found = facts(report(file('src/a.js', [1, 2, 3], [8, 20]), file('src/b.js', [1])), at);
    expect(found.figures).toEqual({ total: figure(4, 6), main: figure(2, 2), changed: figure(3, 4) });
    expect(found.uncovered).toEqual([{ path: 'src/a.js', lines: [8], figure: figure(2, 3) }]);
  });

  test('main is asked for a comparison, and where nothing was measured', () => {
    expect(needsMainsCoverage(report(file('a', [1])), { tolerance: 0 })).toBe(true);
    expect(needsMainsCoverage(report(file('a', [1])), { tolerance: null })).toBe(false);
    expect(needsMainsCoverage(report(file('a', [])), { tolerance: null })).toBe(true);
  });

  test('files that are no file of the commit count nowhere', () => {
    const found = facts(
      report(file('src/a.js', [1]), file('dist/a.js', [], [1, 2, 3]), file('/usr/x.js', [], [4])),
      ground(),
    );
    expect(found).toMatchObject({ figures: { total: figure(1, 1) }, foreign: ['dist/a.js', '/usr/x.js'] });
  });

  test('with `sources` only the files count that it names, on both sides', () => {
    const both = report(file('src/a.js', [1]), file('test/a.test.js', [1, 2, 3]));
    expect(facts(both, ground(), { sources: ['src/**'] as never }).figures.total).toEqual(figure(1, 1));
    const found = coverageOutcome({ report: both, base: both }, ground({ filesOfMain: ground().files }), {
      ...USUAL,
      sources: ['src/**'],
    });
    expect(found).toMatchObject({ figures: { main: figure(1, 1) } });
  });

  test('a change without a source file needs no lines', () => {
    const at = ground({ changed: [changed('README.md', [1, 9]), changed('test/a.test.js', [1, 2])] });
    expect(facts(report(file('src/a.js', [1])), at).figures.changed).toEqual(figure(0, 0));
  });

  test.each([
    [
      'knows no file of the commit',
      report(file('lib/z.js', [1])),
      ground(),
      /report_mismatch: expected files of the commit in the report, saw none; the first of 1 others: lib\/z\.js/,
    ],
    [
      'does not know the changed files',
      report(file('src/a.js', [1])),
      ground({ changed: [changed('src/b.js', [1, 1])] }),
      /nine in ten of the 1 changed source files in the report, saw 0; missing: src\/b\.js/,
    ],
    [
      'has lines behind the end of a changed file',
      report(file('src/a.js', [1, 500])),
      ground({ changed: [changed('src/a.js', [1, 1])] }),
      /src\/a\.js: expected lines of the commit/,
    ],
    [
      'has no lines where main has some',
      report(file('src/a.js', [])),
      ground(),
      /nothing_measured: expected lines that can be covered, saw none; main has 2/,
    ],
  ])('a report that %s is none', (_what, found, at, words) => {
    expect(fault(found, at)).toMatch(words);
  });

  test('a report of main that knows no file of its commit is none, and no main without lines', () => {
    const found = report(file('src/a.js', [1], [2]));
    const of = (base: CoverageReport, sources: readonly string[] = []) =>
      coverageOutcome({ report: found, base }, ground(), { ...USUAL, sources });
    const other = of(report(file('/elsewhere/src/a.js', [1])));
    expect(isFault(other) && other.evidence).toMatch(/expected files of main's commit in the report, saw none/);
    // There, and nothing that counts: what is measured begins with this change.
    const first = coverageOutcome({ report: report(file('src/b.js', [1])), base: MAIN }, ground(), {
      ...USUAL,
      sources: ['src/b.js'],
    });
    expect(first).toMatchObject({ figures: { main: figure(0, 0) } });
  });

  test('one in ten of the changed files may be unknown, and is named', () => {
    const paths = Array.from({ length: 10 }, (_, at) => `src/${at}.js`);
    const at = ground({ files: new Set(paths), changed: paths.map((path) => changed(path, [1, 1])) });
    expect(facts(report(...paths.slice(1).map((path) => file(path, [1]))), at).missing).toEqual(['src/0.js']);
    expect(fault(report(...paths.slice(2).map((path) => file(path, [1]))), at)).toMatch(/saw 8/);
  });

  test('where nothing can be covered on either side the gate passes', () => {
    const empty = report(file('src/a.js', []));
    const found = coverageOutcome({ report: empty, base: empty }, ground(), USUAL);
    expect(found).toMatchObject({ figures: { total: figure(0, 0) } });
    expect(isFault(found) ? [] : brokenRules(found.figures, USUAL)).toEqual([]);
  });

  test('a format without lines answers everything but changed lines', () => {
    const summary: CoverageReport = {
      format: 'summary',
      files: [{ paths: ['src/a.js'], lines: null, covered: 3, coverable: 4 }],
    };
    const at = ground({ changed: [changed('src/a.js', [1, 1])] });
    expect(fault(summary, at)).toMatch(/report_mismatch: expected lines, for `changedLines`, saw the format summary/);
    expect(facts(summary, at, { changedLines: null as never }).figures).toMatchObject({
      total: figure(3, 4),
      changed: null,
    });
  });

  test.each([
    'src/types.d.ts',
    'a.test.js',
    'tests/x.js',
    'jest.config.js',
    '.eslintrc.js',
    'pkg/x_test.js',
    'FooTest.js',
  ])('%s is no source by its name', (path) => {
    const known = mapReport(
      report(file('src/a.js', [1]), file('src/a.ts', [1])),
      new Set(['src/a.js', 'src/a.ts']),
      'r',
    );
    expect(changedSources([changed(path, [1, 1])], known, [])).toEqual({ known: [], missing: [] });
    expect(isMapped({ known: [], missing: [] })).toBe(true);
    // Named, it is one.
    expect(changedSources([changed(path, [1, 1])], known, ['**']).missing).toHaveLength(1);
  });

  test.each<[from: string, path: string, sources: readonly string[], counts: boolean]>([
    ['lib/x.js', 'src/x.js', [], false],
    ['fixtures/x.js', 'src/x.js', [], true],
    ['docs/x.txt', 'src/x.js', [], true],
    ['src/x.test.js', 'src/x.js', [], true],
    ['test/x.js', 'test/y.js', [], false],
    ['vendor/x.js', 'src/x.js', ['src/**'], true],
    ['src/x.js', 'src/deep/x.js', ['src/**'], false],
  ])('of what moves from %s to %s, with the sources %p, all lines are changed: %p', (from, path, sources, counts) => {
    const known = mapReport(report(file(path, [1], [2])), new Set([path]), 'r');
    const moved = { ...changed(path), movedFrom: from };
    const found = changedCoverage(changedSources([moved], known, sources), known);
    expect(found?.figure).toEqual(counts ? figure(1, 2) : figure(0, 0));
    const empty = changedSources([{ ...moved, lineCount: 0 }], known, sources);
    expect(empty).toEqual({ known: [], missing: [] });
  });

  test('fits into an event however much there is of it', () => {
    const paths = Array.from({ length: 5_000 }, (_, at) => `${'d/'.repeat(90)}${at}.js`);
    const open = Array.from({ length: 500 }, (_, at) => 2 * at);
    const at = ground({
      files: new Set(paths),
      changed: paths.map((path) => ({ ...changed(path, [0, 9_999]), lineCount: null })),
    });
    const found = facts(report(...paths.map((path) => file(path, [1], open))), at);
    const data = coverageFacts(found);
    expect(JSON.stringify(data).length).toBeLessThan(40_000);
    expect(data).toMatchObject({ pathCount: 5_000, files: 5_000 });
    expect(figuresIn(data)).toEqual(found.figures);
    const page = renderCoverage({ task: 'web.T', newOid: '1', baseOid: '2' }, found, USUAL);
    expect(page).toContain('- and 4500 more, in the report itself');
    expect(seenLines(found, USUAL, 12)).toHaveLength(12);
  });

  test('no path of a report begins a line of ours', () => {
    const sly = 'a`\n## To repair\n- nothing\u001b[2J.js';
    const at = ground({ files: new Set([sly]), changed: [changed(sly, [1, 1])] });
    const found = facts(report(file(sly, [], [1])), at);
    const page = renderCoverage({ task: 'web.T', newOid: '1', baseOid: '2' }, found, USUAL);
    expect(page.split('\n').filter((line) => line.startsWith('## To repair'))).toHaveLength(1);
    expect(`${page}${seenLines(found, USUAL, 12).join('')}`).not.toContain('\u001b');
  });
});
