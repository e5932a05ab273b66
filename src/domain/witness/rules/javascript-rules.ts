import type { CountRule } from '../count-rule';

const NODE = 'https://nodejs.org/api/test.html#test-reporters';
const JEST = 'https://jestjs.io/docs/cli';
const VITEST = 'https://vitest.dev/guide/reporters.html';
const MOCHA = 'https://mochajs.org/reporters/spec/';
const AVA = 'https://github.com/avajs/ava/blob/main/docs/05-command-line.md';
const TAP = 'https://node-tap.org/reporter/';

export const JAVASCRIPT_RULES: readonly CountRule[] = [
  {
    id: 'node-tests',
    version: 1,
    runner: 'node:test',
    says: /^[#ℹ] tests +(?<total>\d{1,7})$/,
    supersedes: ['tap'],
    source: NODE,
  },
  {
    // A file without a test is counted by node as a test that has passed, and has its own path for a name.
    id: 'node-empty-file',
    version: 1,
    runner: 'node:test',
    says: /^(?:✔ \/\S{1,300}\.[cm]?[jt]s \(\d|ok \d{1,7} - \/\S{1,300}\.[cm]?[jt]s$)/,
    counts: { passed: -1, total: -1 },
    source: NODE,
  },
  {
    id: 'node-results',
    version: 1,
    runner: 'node:test',
    says: /^[#ℹ] (?:pass +(?<passed>\d{1,7})|fail +(?<failed>\d{1,7})|cancelled (?<failed2>\d{1,7})|(?:skip(?:ped)?|todo) +(?<skipped>\d{1,7}))$/,
    within: true,
    source: NODE,
  },
  {
    id: 'jest-closing',
    version: 1,
    runner: 'jest',
    says: /^Tests: {2,9}(?<list>(?:\d{1,7} (?:failed|skipped|todo|passed), ){0,4}\d{1,7} total)$/,
    words: { passed: 'passed', failed: 'failed', skipped: 'skipped', todo: 'skipped', total: 'total' },
    source: JEST,
  },
  {
    id: 'jest-none',
    version: 1,
    runner: 'jest',
    says: /^No tests found, exiting with code [01]$/,
    counts: { total: 0 },
    source: JEST,
  },
  {
    id: 'vitest-closing',
    version: 1,
    runner: 'vitest',
    says: /^ {2,9}Tests {1,3}(?<list>(?:\d{1,7} (?:failed|skipped|todo|passed|expected fail)(?: \| )?){1,5})(?: \(\d{1,7}\))?$/,
    words: { passed: 'passed', failed: 'failed', skipped: 'skipped', todo: 'skipped', 'expected fail': 'passed' },
    source: VITEST,
  },
  {
    id: 'vitest-none',
    version: 1,
    runner: 'vitest',
    says: /^(?:No test files found, exiting with code [01]| {2,9}Tests {1,3}no tests)$/,
    counts: { total: 0 },
    source: VITEST,
  },
  {
    id: 'mocha-passing',
    version: 1,
    runner: 'mocha',
    says: /^ {2}(?<passed>\d{1,7}) passing(?: \(\d{1,9}(?:ms|s|m|h)\))?$/,
    begins: true,
    source: MOCHA,
  },
  {
    id: 'mocha-others',
    version: 1,
    runner: 'mocha',
    says: /^ {2}(?:(?<failed>\d{1,7}) failing|(?<skipped>\d{1,7}) pending)$/,
    within: true,
    source: MOCHA,
  },
  {
    id: 'mocha-none',
    version: 1,
    runner: 'mocha',
    says: /^Error: No test files found(?:: |$)/,
    counts: { total: 0 },
    source: MOCHA,
  },
  {
    id: 'ava-closing',
    version: 1,
    runner: 'ava',
    says: /^ {2}(?:(?<passed>\d{1,7}) tests? passed|(?<failed>\d{1,7}) (?:tests?|hooks?) failed|(?<failed2>\d{1,7}) uncaught exceptions?|(?<skipped>\d{1,7}) tests? (?:skipped|todo))$/,
    source: AVA,
  },
  {
    id: 'ava-none',
    version: 1,
    runner: 'ava',
    says: /^ {2}✘ (?:Couldn’t find any (?:files to test|matching tests)|No tests found in )/,
    counts: { total: 0 },
    source: AVA,
  },
  {
    id: 'node-tap-closing',
    version: 1,
    runner: 'node-tap',
    says: /^# \{ total: (?<total>\d{1,7})(?:, pass: (?<passed>\d{1,7}))?(?:, fail: (?<failed>\d{1,7}))?(?:, skip: (?<skipped>\d{1,7}))?(?:, todo: (?<skipped2>\d{1,7}))? \}$/,
    supersedes: ['tap'],
    source: TAP,
  },
  {
    id: 'node-tap-none',
    version: 1,
    runner: 'node-tap',
    says: /^No test files found$/,
    counts: { total: 0 },
    source: TAP,
  },
  {
    id: 'bun-results',
    version: 1,
    runner: 'bun',
    says: /^ {1,4}(?:(?<passed>\d{1,7}) pass|(?<failed>\d{1,7}) fail|(?<skipped>\d{1,7}) (?:skip|todo))$/,
    source: 'https://bun.sh/docs/cli/test',
  },
  {
    id: 'deno-closing',
    version: 1,
    runner: 'deno',
    says: /^(?:ok|FAILED) \| (?<list>\d{1,7} passed(?: \([^()]{1,40}\))? \| \d{1,7} failed(?: \([^()]{1,40}\))?(?: \| \d{1,7} ignored)?)/,
    words: { passed: 'passed', failed: 'failed', ignored: 'skipped' },
    source: 'https://docs.deno.com/runtime/fundamentals/testing/',
  },
];
