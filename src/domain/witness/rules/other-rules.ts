import type { CountRule } from '../count-rule';

const SUREFIRE = 'https://maven.apache.org/surefire/maven-surefire-plugin/';
const GRADLE = 'https://docs.gradle.org/current/userguide/java_testing.html';
const DOTNET = 'https://learn.microsoft.com/dotnet/core/tools/dotnet-test';
const RSPEC = 'https://rspec.info/features/3-13/rspec-core/';
const PHPUNIT = 'https://docs.phpunit.de/en/11.5/textui.html';

export const OTHER_RULES: readonly CountRule[] = [
  {
    // The lines of single classes go on with the time that they took.
    id: 'surefire-results',
    version: 1,
    runner: 'surefire',
    says: /^(?:\[(?:INFO|WARNING|ERROR)\] )?Tests run: (?<total>\d{1,7}), Failures: (?<failed>\d{1,7}), Errors: (?<failed2>\d{1,7}), Skipped: (?<skipped>\d{1,7})$/,
    source: SUREFIRE,
  },
  {
    id: 'surefire-none',
    version: 1,
    runner: 'surefire',
    says: /^(?:\[INFO\] )?No tests (?:to run|were executed)[.!]?$/,
    counts: { total: 0 },
    source: SUREFIRE,
  },
  {
    id: 'gradle-none',
    version: 1,
    runner: 'gradle',
    says: /^> Task :\S{0,200}[tT]est NO-SOURCE$/,
    counts: { total: 0 },
    begins: true,
    source: GRADLE,
  },
  {
    // Without lines of single tests it says that tests ran, and not how many.
    id: 'gradle-task',
    version: 2,
    runner: 'gradle',
    says: /^> Task :\S{0,200}[tT]est(?: FAILED| UP-TO-DATE| FROM-CACHE)?$/,
    begins: true,
    source: GRADLE,
  },
  {
    id: 'gradle-test',
    version: 1,
    runner: 'gradle',
    says: /^\S.{0,300} > .{1,300} (?<verb>PASSED|FAILED|SKIPPED)$/,
    verbs: { PASSED: 'passed', FAILED: 'failed', SKIPPED: 'skipped' },
    within: true,
    source: GRADLE,
  },
  {
    id: 'gradle-completed',
    version: 1,
    runner: 'gradle',
    says: /^(?<total>\d{1,7}) tests? completed(?:, (?<failed>\d{1,7}) failed)?(?:, (?<skipped>\d{1,7}) skipped)?$/,
    restates: true,
    source: GRADLE,
  },
  {
    id: 'dotnet-closing',
    version: 1,
    runner: 'dotnet',
    says: /^(?:Passed|Failed|Skipped)! {1,4}- Failed: {1,9}(?<failed>\d{1,7}), Passed: {1,9}(?<passed>\d{1,7}), Skipped: {1,9}(?<skipped>\d{1,7}), Total: {1,9}(?<total>\d{1,7})\b/,
    source: DOTNET,
  },
  {
    id: 'dotnet-summary',
    version: 1,
    runner: 'dotnet',
    says: /^Test summary: total: (?<total>\d{1,7})[,;] failed: (?<failed>\d{1,7})[,;] succeeded: (?<passed>\d{1,7})[,;] skipped: (?<skipped>\d{1,7})\b/,
    source: DOTNET,
  },
  {
    id: 'dotnet-total',
    version: 1,
    runner: 'dotnet',
    says: /^Total tests: (?<total>\d{1,7})$/,
    begins: true,
    source: DOTNET,
  },
  {
    id: 'dotnet-parts',
    version: 1,
    runner: 'dotnet',
    says: /^ {4,6}(?:Passed: (?<passed>\d{1,7})|Failed: (?<failed>\d{1,7})|Skipped: (?<skipped>\d{1,7}))$/,
    within: true,
    source: DOTNET,
  },
  {
    id: 'dotnet-none',
    version: 1,
    runner: 'dotnet',
    says: /^(?:No test is available in |No test matches the given testcase filter )/,
    counts: { total: 0 },
    source: DOTNET,
  },
  {
    id: 'rspec-closing',
    version: 1,
    runner: 'rspec',
    says: /^(?<list>\d{1,7} examples?, \d{1,7} failures?(?:, \d{1,7} pending)?(?:, \d{1,7} errors? occurred outside of examples)?)$/,
    words: {
      example: 'total',
      examples: 'total',
      failure: 'failed',
      failures: 'failed',
      pending: 'skipped',
    },
    source: RSPEC,
  },
  {
    id: 'phpunit-ok',
    version: 1,
    runner: 'phpunit',
    says: /^OK \((?<total>\d{1,7}) tests?, \d{1,9} assertions?\)$/,
    source: PHPUNIT,
  },
  {
    id: 'phpunit-closing',
    version: 1,
    runner: 'phpunit',
    says: /^(?<list>Tests: \d{1,7}, Assertions: \d{1,9}(?:, [A-Z][A-Za-z ]{2,30}: \d{1,7}){0,8})\.$/,
    labels: { Tests: 'total', Failures: 'failed', Errors: 'failed', Skipped: 'skipped', Incomplete: 'skipped' },
    source: PHPUNIT,
  },
  {
    // Before version 10 a class without tests is counted as one, with a warning.
    id: 'phpunit-empty-class',
    version: 1,
    runner: 'phpunit',
    says: /^No tests found in class "[^"]{1,300}"\.$/,
    counts: { skipped: 1 },
    source: PHPUNIT,
  },
  {
    id: 'phpunit-none',
    version: 1,
    runner: 'phpunit',
    says: /^No tests executed!$/,
    counts: { total: 0 },
    source: PHPUNIT,
  },
];
