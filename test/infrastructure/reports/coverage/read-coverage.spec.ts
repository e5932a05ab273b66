import fc from 'fast-check';
import { withoutFolder } from '../../../../src/application/sagas/reports/without-folder';
import {
  COVERAGE_FORMATS,
  type CoverageFormat,
  type CoverageReport,
} from '../../../../src/domain/gates/coverage/coverage-report';
import { mapReport } from '../../../../src/domain/gates/coverage/mapping';
import { readCoverage } from '../../../../src/infrastructure/reports/coverage/read-coverage';
import { istanbulReports } from './istanbul-reports';

function read(text: string, format: CoverageFormat | 'auto' = 'auto'): CoverageReport {
  const parsed = readCoverage(text, format);
  if (parsed.kind === 'fault') throw new Error(parsed.evidence.join());
  return parsed.report;
}

const faultOf = (text: string, format: CoverageFormat | 'auto' = 'auto') => {
  const parsed = readCoverage(text, format);
  return parsed.kind === 'fault' ? `${parsed.reason}: ${parsed.evidence.join()}` : 'read';
};

const ROOT = '/clones/web-1';
const SOURCES = {
  [`${ROOT}/src/sign.js`]: [
    'function sign(x) {',
    '  if (x < 0) {',
    '    return -1;',
    '  }',
    '  const a = 1, b = x ? 2 : 3;',
    '  return a + b;',
    '}',
    'function never() {',
    '  return 1;',
    '}',
    'sign(1);',
    'sign(2);',
  ].join('\n'),
  [`${ROOT}/src/deep/all.js`]: 'const list = [1, 2];\nfor (const one of list) {\n  list.includes(one);\n}\n',
  [`${ROOT}/src/empty.js`]: '// nothing\n',
};

describe('reports of one run by the reporters of Istanbul', () => {
  const reports = istanbulReports(SOURCES, ROOT);
  const commit = new Set(['src/sign.js', 'src/deep/all.js', 'src/empty.js', 'README.md']);
  const figures = (format: CoverageFormat) => {
    const report = read(withoutFolder(reports[format], ROOT));
    expect(report.format).toBe(format);
    const { files, foreign } = mapReport(report, commit, 'coverage/report');
    expect(foreign).toEqual([]);
    return Object.fromEntries(
      [...files].map(([path, { covered, coverable }]) => [path, [covered, coverable]] as const),
    );
  };

  test.each(COVERAGE_FORMATS)('as %s have the same figures', (format) => {
    expect(figures(format)).toMatchObject({ 'src/deep/all.js': [3, 3], 'src/sign.js': [5, 7] });
  });

  test.each(['lcov', 'cobertura', 'clover'] as const)('as %s have the same lines', (format) => {
    const { files } = mapReport(read(withoutFolder(reports[format], ROOT)), commit, 'x');
    const lines = [...(files.get('src/sign.js')?.lines ?? [])].sort(([a], [b]) => a - b);
    expect(lines.map(([line, isCovered]) => `${line}${isCovered ? '+' : '-'}`).join(' ')).toBe(
      '2+ 3- 5+ 6+ 9- 11+ 12+',
    );
  });
});

const LCOV = 'TN:\nSF:a.js\nFN:1,f\nFNDA:1,f\nFNF:1\nFNH:1\nDA:1,3\nDA:2,0\nLF:2\nLH:1\nBRF:0\nBRH:0\nend_of_record\n';

describe('lcov', () => {
  test('files and lines told more than once are put together', () => {
    const { files } = read(`${LCOV}TN:other\nSF:a.js\nDA:2,1\nDA:3,0\nend_of_record`);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ paths: ['a.js'], covered: 2, coverable: 3 });
  });

  test('what newer versions add is passed over, with checksums, comments and ends of lines of Windows', () => {
    const text =
      '# a\r\nTN:x\r\nSF:a.js\r\nVER:1\r\nFNL:0,1\r\nMCF:0\r\nDA:7,99999999999999999999,abc==\r\nend_of_record\r\n';
    expect(read(text).files[0]).toMatchObject({ covered: 1, coverable: 1 });
  });

  test('totals of its own that only differ decide nothing', () => {
    expect(read('SF:a\nDA:1,1\nDA:2,1\nLF:9\nLH:3\nend_of_record\n').files[0]).toMatchObject({
      covered: 2,
      coverable: 2,
    });
  });

  test.each([
    ['is broken off', LCOV.slice(0, -15), /broken off/],
    ['is broken off within a line', LCOV.slice(0, LCOV.indexOf('DA:2') + 5), /expected a whole number, saw ""/],
    ['has no file', 'TN:\n', /nothing_measured: expected at least one file/],
    ['is something else', 'all tests passed\n', /line 1: expected a record of a tracefile/],
    ['has a line outside of a file', 'DA:1,1\n', /line 1: expected a record/],
    ['begins a file within a file', 'SF:a\nSF:b\nend_of_record', /line 2: expected end_of_record/],
    ['has a file without a path', 'SF:\nend_of_record', /expected the path of a file/],
    ['has negative hits', 'SF:a\nDA:1,-1\nend_of_record', /hits of line 1: expected a whole number, saw "-1"/],
    ['has hits that are no number', 'SF:a\nDA:1,NaN\nend_of_record', /saw "NaN"/],
    ['has line 0', 'SF:a\nDA:0,1\nend_of_record', /expected a line from 1/],
    ['has a line that no file has', 'SF:a\nDA:99999999,1\nend_of_record', /expected a line from 1/],
    ['covers more than there is', 'SF:a\nDA:1,1\nLF:1\nLH:2\nend_of_record', /at most 1 covered lines, .* saw 2/],
    [
      'denies its covered lines',
      'SF:a\nDA:1,1\nLF:1\nLH:0\nend_of_record',
      /expected 0 covered lines, as LH says, saw some/,
    ],
    [
      'denies its uncovered lines',
      'SF:a\nDA:1,0\nLF:1\nLH:1\nend_of_record',
      /expected 1 covered lines, as LH says, saw none/,
    ],
    ['has totals without lines', 'SF:a\nLF:5\nLH:5\nend_of_record', /expected the 5 lines that LF tells of/],
  ])('that %s is none', (_what, text, words) => {
    expect(faultOf(text)).toMatch(words);
  });
});

const cobertura = (classes: string, attributes = '', sources = '') =>
  `<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">` +
  `<coverage ${attributes}>${sources}<packages><package name="p"><classes>${classes}</classes></package></packages></coverage>`;
const LINE = '<line number="1" hits="1"/>';

describe('Cobertura', () => {
  test('lines of a file are put together from its classes; those of methods count where a class has no others', () => {
    const method = '<methods><method name="m"><lines><line number="2" hits="0"/></lines></method></methods>';
    const own = '<lines><line number="3" hits="4"/></lines>';
    const text = cobertura(
      `<class filename="A"><lines>${LINE}</lines></class><class filename="A">${method}${own}</class><class filename="B">${method}</class>`,
    );
    expect(read(text).files).toEqual([
      expect.objectContaining({ paths: ['A'], covered: 2, coverable: 2 }),
      expect.objectContaining({ paths: ['B'], covered: 0, coverable: 1 }),
    ]);
  });

  test('names count from each source folder', () => {
    const sources = '<sources><source>src/main</source><source>.</source></sources>';
    const [file] = read(cobertura(`<class filename="a.py"><lines>${LINE}</lines></class>`, '', sources)).files;
    expect(file?.paths).toEqual(['src/main/a.py', './a.py', 'a.py']);
  });

  test.each([
    ['NaN', 'line-rate="NaN"'],
    ['a negative rate', 'line-rate="-0.5"'],
    ['more than everything', 'line-rate="1.5"'],
    ['a rate of nothing', 'line-rate=""'],
    ['more covered lines than lines', 'lines-covered="3" lines-valid="2"'],
    ['a negative number of lines', 'lines-covered="-3" lines-valid="2"'],
  ])('that claims %s is none', (_what, attributes) => {
    expect(faultOf(cobertura(`<class filename="a"><lines>${LINE}</lines></class>`, attributes))).toMatch(
      /^report_malformed/,
    );
  });

  test.each([
    ['is broken off', cobertura('<class filename="a">').slice(0, -20), /expected well-formed XML/],
    ['has no file', cobertura(''), /nothing_measured/],
    ['has a class without a name', cobertura('<class/>'), /expected a filename, saw nothing/],
    ['has a line outside of a class', cobertura(LINE), /expected it within a class/],
    [
      'has hits that are no number',
      cobertura('<class filename="a"><line number="1" hits="many"/></class>'),
      /saw "many"/,
    ],
    ['is another XML', '<html><body/></html>', /expected the element coverage, saw "html"/],
    ['is nested without end', `<coverage>${'<a>'.repeat(5_000)}`, /at most 64 levels/],
  ])('that %s is none', (_what, text, words) => {
    expect(faultOf(text)).toMatch(words);
  });

  test('no entity expands: a billion laughs are a mistake in the report', () => {
    const entities = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE coverage [<!ENTITY l0 "lol">${entities}]>`;
    const began = Date.now();
    expect(faultOf(`${bomb}<coverage><sources><source>&l10;</source></sources></coverage>`)).toMatch(
      /undefined entity/,
    );
    expect(faultOf(`${bomb}<coverage><packages><class filename="&l9;"/></packages></coverage>`)).toMatch(
      /undefined entity/,
    );
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('no entity fetches a file', () => {
    const text = `<!DOCTYPE coverage [<!ENTITY x SYSTEM "file:///etc/passwd">]><coverage><packages><class filename="&x;"/></packages></coverage>`;
    expect(faultOf(text)).toMatch(/undefined entity/);
  });
});

const clover = (inside: string) =>
  `<?xml version="1.0"?><coverage generated="1"><project timestamp="1">${inside}</project></coverage>`;

describe('Clover', () => {
  test('counts statements and conditions, and no beginnings of methods', () => {
    const lines = [
      'num="1" type="method" count="0"',
      'num="2" type="stmt" count="1"',
      'num="3" type="cond" truecount="0" falsecount="2"',
    ];
    const text = clover(
      `<file name="/app/A.php"><class name="A"/>${lines.map((line) => `<line ${line}/>`).join('')}</file>`,
    );
    expect(read(text).files).toEqual([expect.objectContaining({ paths: ['/app/A.php'], covered: 2, coverable: 2 })]);
  });

  test('leaves tests out, and takes the path where there is one', () => {
    const file = '<file name="a.js" path="src/a.js"><line num="1" type="stmt" count="0"/></file>';
    const text = `<coverage clover="4"><project>${file}</project><testproject>${file.replaceAll('a.js', 'b.js')}</testproject></coverage>`;
    expect(read(text).files.map(({ paths }) => paths)).toEqual([['src/a.js']]);
  });

  test.each([
    ['has no file', clover('<metrics statements="0" coveredstatements="0"/>'), /nothing_measured/],
    ['covers more than there is', clover('<metrics statements="1" coveredstatements="2"/>'), /at most 1 covered/],
    ['has a line without a count', clover('<file name="a"><line num="1" type="stmt"/></file>'), /hits of line 1/],
    ['has a file without a name', clover('<file/>'), /expected a path or a name/],
  ])('that %s is none', (_what, text, words) => {
    expect(faultOf(text)).toMatch(words);
  });
});

describe('coverage-summary.json', () => {
  const entry = (total: number, covered: number, pct: unknown = 50) => ({ lines: { total, covered, skipped: 0, pct } });
  const json = (...files: readonly (readonly [string, unknown])[]) => JSON.stringify(Object.fromEntries(files));

  test('has figures and no lines', () => {
    const report = read(json(['total', entry(3, 2)], ['a.js', entry(2, 2)], ['b.js', entry(1, 0, 'Unknown')]));
    expect(report.files).toEqual([
      { paths: ['a.js'], lines: null, covered: 2, coverable: 2 },
      { paths: ['b.js'], lines: null, covered: 0, coverable: 1 },
    ]);
  });

  test.each([
    ['has no total', json(['a.js', entry(1, 1)]), /total: expected the totals/],
    ['has no file', json(['total', entry(0, 0)]), /nothing_measured/],
    [
      'has a total that its files deny',
      json(['total', entry(9, 9)], ['a', entry(1, 1)]),
      /expected 1 lines \(covered\)/,
    ],
    ['covers more than there is', json(['total', entry(1, 2)], ['a', entry(1, 2)]), /at most 1 covered/],
    ['has a share above 100', json(['total', entry(1, 1, 101)], ['a', entry(1, 1)]), /from 0 to 100, saw 101/],
    ['has a negative number', json(['total', entry(1, 1)], ['a', entry(1, -1)]), /from 0 on, saw -1/],
    ['has half a line', json(['total', entry(1, 1)], ['a', entry(1.5, 1)]), /saw 1\.5/],
    ['is no object', '[]', /./],
    ['is broken off', '{"total":', /expected JSON/],
  ])('that %s is none', (_what, text, words) => {
    expect(faultOf(text, 'summary')).toMatch(words);
  });
});

test('a report of another format than the named one is none', () => {
  expect(faultOf(LCOV, 'cobertura')).toMatch(/^report_malformed/);
  expect(faultOf(LCOV, 'summary')).toMatch(/expected JSON/);
  expect(faultOf('{}', 'lcov')).toMatch(/expected a record/);
});

describe('whatever is in a report', () => {
  const pieces = fc.constantFrom(
    ...[
      'TN:',
      'SF:',
      'DA:',
      'LF:',
      'LH:',
      'end_of_record',
      '\n',
      ',',
      '1',
      '-1',
      '1e9',
      'NaN',
      '\u2028',
      '😀',
      '\ud800',
    ],
    ...[
      '<coverage',
      ' line-rate="2"',
      '>',
      '</coverage>',
      '<class filename="a">',
      '<line number="1" hits="1"/>',
      '&x;',
      '<![CDATA[',
    ],
    ...[
      '<project>',
      '<file name="a">',
      '<!DOCTYPE a [',
      ']>',
      '{"total":{"lines":',
      '{"total":1,"covered":1}',
      '}}',
      '"__proto__":',
    ],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  );

  test('it is read, or a fault of the tool, and nothing is thrown', () => {
    const formats = fc.constantFrom('auto' as const, ...COVERAGE_FORMATS);
    fc.assert(
      fc.property(texts, formats, (text, format) => {
        const parsed = readCoverage(text, format);
        if (parsed.kind === 'read')
          for (const { covered, coverable, paths } of parsed.report.files) {
            expect(covered).toBeLessThanOrEqual(coverable);
            expect(paths.length).toBeGreaterThan(0);
          }
        else expect(['report_malformed', 'nothing_measured']).toContain(parsed.reason);
      }),
      { numRuns: 3_000 },
    );
  });

  test('half of a whole report is never taken for a whole one with other figures', () => {
    const whole = istanbulReports(SOURCES, ROOT);
    for (const format of COVERAGE_FORMATS) {
      const text = whole[format].trimEnd();
      for (let at = 1; at < text.length; at += 7) {
        const parsed = readCoverage(text.slice(0, at), format);
        // What is left of a tracefile behind a whole record is one.
        if (parsed.kind === 'read') expect(text.slice(0, at).trimEnd()).toMatch(/end_of_record(\nTN?:?)?$/);
      }
    }
  });

  test('a large one is read in a moment', () => {
    const lcov = `SF:a.js\n${Array.from({ length: 1_000_000 }, (_, at) => `DA:${at + 1},1`).join('\n')}\nend_of_record\n`;
    const began = Date.now();
    expect(read(lcov).files[0]?.coverable).toBe(1_000_000);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  // What a branch can write must not stop the service that reads it.
  test.each([
    [
      'very many files below very many long folders',
      () =>
        largeCobertura(
          Array.from({ length: 100 }, (_, at) => `${'a'.repeat(40_000)}${at}`),
          2_000,
        ),
      /^report_malformed: expected paths of at most 32000000 characters, saw more/,
    ],
    ['a folder of nothing but slashes', () => largeCobertura([`${'/'.repeat(200_000)}x`], 1), /^read$/],
  ])('%s cost no more than others', (_, textOf, expected) => {
    const began = Date.now();
    expect(faultOf(textOf())).toMatch(expected);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('a long file that is told of very often by other names is put together in a moment', () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => `DA:${at + 1},0\n`).join('');
    const others = Array.from({ length: 20_000 }, (_, at) => `SF:${at}/../a.js\nDA:${at + 1},1\nend_of_record\n`).join(
      '',
    );
    const report = read(`SF:a.js\n${lines}end_of_record\n${others}`);
    const began = Date.now();
    const { files } = mapReport(report, new Set(['a.js']), 'lcov.info');
    expect(files.get('a.js')).toMatchObject({ covered: 20_000, coverable: 20_000 });
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

function largeCobertura(sources: readonly string[], classes: number): string {
  const list = Array.from({ length: classes }, (_, at) => `<class filename="f${at}"><lines/></class>`);
  const folders = sources.map((source) => `<source>${source}</source>`);
  return `<coverage><sources>${folders.join('')}</sources><packages>${list.join('')}</packages></coverage>`;
}
