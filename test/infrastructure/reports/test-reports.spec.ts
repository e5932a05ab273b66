import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clearWitness } from '../../../src/infrastructure/processes/witness';
import { findReports } from '../../../src/infrastructure/reports/tests/find-reports';
import { readTestReports } from '../../../src/infrastructure/reports/tests/read-test-reports';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-tests-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const junit = (...patterns: string[]) => readTestReports(root, 'junit', patterns);
const suite = (...cases: string[]) => `<testsuite name="web" tests="9">${cases.join('')}</testsuite>`;
const A = '<testcase name="a" classname="Web"/>';
const B = '<testcase name="b" classname="Web"><failure message="no">at b</failure></testcase>';
const C = '<testcase name="c" classname="Web"><skipped/></testcase>';

describe('JUnit XML', () => {
  it('is counted by its tests, and not by the numbers that it tells', async () => {
    write('r.xml', suite(A, B, C));
    expect(await junit('r.xml')).toEqual({
      kind: 'read',
      report: {
        format: 'junit',
        files: 1,
        executed: 2,
        passed: 1,
        failed: 1,
        skipped: 1,
        tests: [
          { name: 'Web > a', state: 'passed' },
          { name: 'Web > b', state: 'failed' },
          { name: 'Web > c', state: 'skipped' },
        ],
      },
    });
  });

  it('is added up over files and suites within suites, names that stand twice counted twice', async () => {
    write('out/a/r.xml', `<testsuites>${suite(A, A)}<testsuite name="x">${suite(B)}</testsuite></testsuites>`);
    write('out/b/c/s.xml', suite(A));
    write('out/b/c/s.txt', 'none');
    expect(await junit('out/**/*.xml')).toMatchObject({ report: { files: 2, passed: 3, failed: 1 } });
  });

  it.each([
    ['an error', '<testcase name="e"><error/></testcase>', { failed: 1 }],
    ['what failed at first and passed in the end', '<testcase name="e"><flakyFailure/></testcase>', { passed: 1 }],
    ['what failed and was skipped', '<testcase name="e"><failure/><skipped/></testcase>', { failed: 1, skipped: 0 }],
    ['what GoogleTest did not run', '<testcase name="e" status="notrun"/>', { executed: 0, skipped: 1 }],
    [
      'a failure in what a test printed',
      '<testcase name="e"><system-out>&lt;failure/&gt;</system-out></testcase>',
      { passed: 1 },
    ],
    ['no test at all', '', { executed: 0 }],
  ])('counts %s', async (_what, inner, counts) => {
    write('r.xml', suite(inner));
    expect(await junit('r.xml')).toMatchObject({ report: counts });
  });

  it.each([
    ['broken off', suite(A).slice(0, 40), 'report_malformed'],
    ['of another kind', '<coverage/>', 'report_malformed'],
    ['empty', '', 'report_malformed'],
    [
      'with an entity of its own',
      `<!DOCTYPE t [<!ENTITY x "${'y'.repeat(50)}">]>${suite('<testcase name="&x;"/>')}`,
      'report_malformed',
    ],
    ['deeper than any tool writes', '<testsuite>'.repeat(100) + '</testsuite>'.repeat(100), 'report_malformed'],
    ['no text', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1'), 'report_malformed'],
  ])('is not believed where it is %s', async (_what, text, reason) => {
    write('r.xml', text);
    expect(await junit('r.xml')).toMatchObject({ kind: 'fault', reason });
  });

  it('is not believed at all where one of many is not whole', async () => {
    write('a.xml', suite(A));
    write('b.xml', '<testsuite>');
    expect(await junit('*.xml')).toMatchObject({ kind: 'fault', evidence: [expect.stringContaining('b.xml')] });
  });

  it('is missing where nothing lies, and where only a link does', async () => {
    expect(await junit('r.xml')).toMatchObject({ kind: 'fault', reason: 'no_report' });
    write('elsewhere.txt', suite(A));
    symlinkSync('elsewhere.txt', join(root, 'r.xml'));
    expect(await junit('r.xml')).toMatchObject({ kind: 'fault', reason: 'no_report' });
  });
});

describe('TAP', () => {
  it('is read from a file', async () => {
    write('out.tap', 'TAP version 13\r\nok 1 - a\r\nnot ok 2 - b\r\n1..2\r\n');
    expect(await readTestReports(root, 'tap', ['out.tap'])).toMatchObject({
      report: { passed: 1, failed: 1, format: 'tap' },
    });
  });

  it('is none without a version and a plan', async () => {
    write('out.tap', 'all fine\n');
    expect(await readTestReports(root, 'tap', ['out.tap'])).toMatchObject({ reason: 'report_malformed' });
  });
});

describe('looking for reports', () => {
  it('follows no link, and leaves .git and node_modules alone', () => {
    for (const path of ['a/r.xml', 'node_modules/x/r.xml', '.git/r.xml']) write(path, 'x');
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('a', join(root, 'linked'));
    expect(findReports(root, ['**/*.xml', 'linked/*.xml', 'etc/*', '../*.xml'])).toEqual(['a/r.xml']);
  });

  it('removes what lies there before a run, and nothing else', async () => {
    for (const path of ['out/r.xml', 'out/r.txt', 'r.xml']) write(path, 'x');
    await clearWitness({ cwd: root, witness: { kind: 'tests', paths: ['out/*.xml'] } });
    expect(findReports(root, ['**/*.*'])).toEqual(['out/r.txt', 'r.xml']);
  });
});
