import type { CountRule } from '../count-rule';

const GO = 'https://pkg.go.dev/cmd/go#hdr-Test_packages';
const GO_JSON = 'https://pkg.go.dev/cmd/test2json';
const CARGO = 'https://doc.rust-lang.org/cargo/commands/cargo-test.html';
const CTEST = 'https://cmake.org/cmake/help/latest/manual/ctest.1.html';
const RESULTS = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' } as const;

export const COMPILED_RULES: readonly CountRule[] = [
  {
    id: 'go-test',
    version: 1,
    runner: 'go',
    says: /^--- (?<verb>PASS|FAIL|SKIP): \S{1,200} \(\d[\d.]{0,9}s\)$/,
    verbs: RESULTS,
    source: GO,
  },
  {
    id: 'go-no-tests',
    version: 1,
    runner: 'go',
    says: /^(?:\? {3}\t\S{1,200}\t\[no test files\]|\t\S{1,200}\t\tcoverage: 0\.0% of statements|ok {2}\t\S{1,200}\t\S{1,20}(?:\tcoverage: .{1,60})? \[no tests to run\])$/,
    counts: { total: 0 },
    alone: true,
    ends: true,
    source: GO,
  },
  {
    // In the place of `[no tests to run]` where no package is named, and by a test's own program.
    id: 'go-warned',
    version: 1,
    runner: 'go',
    says: /^testing: warning: no tests to run$/,
    counts: { total: 0 },
    source: GO,
  },
  {
    // Without -v a package says that it passed, and not how many tests it has: at least one.
    id: 'go-package',
    version: 1,
    runner: 'go',
    says: /^ok {2}\t\S{1,200}\t(?:\d[\d.]{0,9}s|\(cached\))(?:\t.{0,120})?$/,
    counts: { passed: 1 },
    alone: true,
    ends: true,
    source: GO,
  },
  {
    id: 'go-package-failed',
    version: 1,
    runner: 'go',
    says: /^FAIL\t\S{1,200}(?:\t\d[\d.]{0,9}s| \[(?:build|setup) failed\])$/,
    counts: { failed: 1 },
    alone: true,
    ends: true,
    source: GO,
  },
  {
    id: 'go-json',
    version: 1,
    runner: 'go-json',
    says: /^\{"Time":"[^"]{1,60}","Action":"(?<verb>pass|fail|skip)","Package":"[^"]{1,300}","Test":"[^"/]{1,300}"/,
    verbs: { pass: 'passed', fail: 'failed', skip: 'skipped' },
    source: GO_JSON,
  },
  {
    id: 'go-json-package',
    version: 1,
    runner: 'go-json',
    says: /^\{"Time":"[^"]{1,60}","Action":"(?:pass|skip)","Package":"[^"]{1,300}","Elapsed":/,
    counts: { total: 0 },
    alone: true,
    ends: true,
    source: GO_JSON,
  },
  {
    id: 'go-json-package-failed',
    version: 1,
    runner: 'go-json',
    says: /^\{"Time":"[^"]{1,60}","Action":"fail","Package":"[^"]{1,300}","Elapsed":/,
    counts: { failed: 1 },
    alone: true,
    ends: true,
    source: GO_JSON,
  },
  {
    id: 'gotestsum-closing',
    version: 1,
    runner: 'gotestsum',
    says: /^DONE (?:\d{1,4} runs, )?(?<total>\d{1,7}) tests?(?:, (?<skipped>\d{1,7}) skipped)?(?:, (?<failed>\d{1,7}) failures?)?(?:, (?<failed2>\d{1,7}) errors?)? in \d/,
    supersedes: ['go'],
    source: 'https://github.com/gotestyourself/gotestsum#summary',
  },
  {
    id: 'cargo-test',
    version: 1,
    runner: 'cargo',
    says: /^test result: (?:ok|FAILED)\. (?<list>\d{1,7} passed; \d{1,7} failed; \d{1,7} ignored;)/,
    words: { passed: 'passed', failed: 'failed', ignored: 'skipped' },
    source: CARGO,
  },
  {
    id: 'nextest-closing',
    version: 1,
    runner: 'nextest',
    says: /^ {4,10}Summary \[ {0,9}\d[\d.]{0,9}s\] (?:\d{1,7}\/)?\d{1,7} tests? run: (?<list>.{1,200})$/,
    words: { passed: 'passed', failed: 'failed', 'timed out': 'failed', 'exec failed': 'failed', skipped: 'skipped' },
    source: 'https://nexte.st/docs/reporting/',
  },
  {
    id: 'ctest-skipped',
    version: 1,
    runner: 'ctest',
    says: /^ {0,9}\d{1,7}\/\d{1,7} Test {1,9}#\d{1,7}: .{1,200}\*\*\*(?:Skipped|Not Run(?: \(Disabled\))?) /,
    counts: { skipped: 1 },
    source: CTEST,
  },
  {
    id: 'ctest-closing',
    version: 1,
    runner: 'ctest',
    says: /^\d{1,3}% tests passed, (?<failed>\d{1,7}) tests? failed out of (?<total>\d{1,7})$/,
    ends: true,
    source: CTEST,
  },
  {
    id: 'ctest-none',
    version: 1,
    runner: 'ctest',
    says: /^No tests were found!!!$/,
    counts: { total: 0 },
    source: CTEST,
  },
];
