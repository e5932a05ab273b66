import type { FailureRule } from '../failure-rule';

const rule = (id: string, reason: string, why: string, more: Partial<FailureRule> = {}): FailureRule => ({
  id,
  version: 1,
  class: 'tool-error',
  reason: null,
  retryable: true,
  when: { reasons: [reason] },
  why,
  ...more,
});

/** 128 + signal number, 126 and 127: codes that a count of failures can be mistaken for, and the other way round. */
const AMBIGUOUS_CODES = [126, 127, 129, 130, 132, 134, 135, 136, 137, 139, 143, 152, 153];

/** A tool that counts its failures by exit code has run, whatever else that code may mean. */
export const COUNTED: readonly FailureRule[] = [
  {
    id: 'mocha-counts-failures',
    version: 1,
    class: 'red',
    reason: null,
    retryable: false,
    when: {
      steps: ['suite'],
      exitCodes: AMBIGUOUS_CODES,
      says: /^ {2}(\d{1,6}) failing$/,
      countsExitCode: true,
    },
    why: 'mocha ends with the number of failed tests, and its summary says the same number',
    source: 'https://mochajs.org/running/cli/',
  },
  {
    id: 'test-more-counts-failures',
    version: 1,
    class: 'red',
    reason: null,
    retryable: false,
    when: {
      steps: ['suite'],
      exitCodes: AMBIGUOUS_CODES,
      says: /^# Looks like you failed (\d{1,6}) tests? of \d{1,6}\.$/,
      countsExitCode: true,
    },
    why: 'Test::More ends with the number of failed tests, and its summary says the same number',
    source: 'https://metacpan.org/pod/Test::More#EXIT-CODES',
  },
];

/** What the process runner says of a run that did not end by itself, or never began. */
export const MACHINE_RULES: readonly FailureRule[] = [
  rule('timeout-starved', 'timeout_starved', 'stagegate ended it at its limit, while other processes had the machine', {
    class: 'timeout',
  }),
  rule('timeout', 'timeout', 'stagegate ended it at its limit, so nobody knows how it would have ended', {
    class: 'timeout',
  }),
  rule('job-deadline', 'deadline', 'the job took longer than all its parts may take together', { class: 'timeout' }),
  rule('oom-killed', 'oom_killed', 'the kernel ended it for want of memory, as the counter of its cgroup says'),
  rule('killed-from-outside', 'killed_externally', 'a signal ended it that was not ours'),
  rule('command-not-found', 'command_not_found', 'the program was not found, so nothing ran', { retryable: false }),
  rule('not-executable', 'not_executable', 'the program cannot be executed, so nothing ran', { retryable: false }),
  rule('folder-gone', 'cwd_missing', 'the folder to run in is gone, so nothing ran', { retryable: false }),
  rule('bad-command-line', 'bad_spec', 'the command line cannot be started, so nothing ran', { retryable: false }),
  rule('machine-at-limit', 'resource_exhausted', 'the machine had no process, memory or space left to start it'),
  rule('isolation-too-weak', 'isolation_too_weak', 'the machine isolates less than is demanded, so nothing ran', {
    retryable: false,
  }),
  rule('not-isolated', 'isolation_unavailable', 'the wrapper that isolates the run broke, so nothing ran'),
  rule('service-ended', 'orchestrator_crash', 'the service ended while it ran'),
];

/** A witness was asked for, and nothing is there that proves a test run. */
export const WITNESS_RULES: readonly FailureRule[] = [
  {
    id: 'does-not-compile',
    version: 1,
    class: 'red',
    reason: null,
    retryable: false,
    when: {
      steps: ['suite'],
      reasons: ['no_tests_ran'],
      exitCodes: [1],
      says: /^(?:FAIL\t\S{1,200} \[build failed\]$|error: could not compile `|\[ERROR\] COMPILATION ERROR|!+ Interrupted: \d{1,6} errors? during collection|\S{1,300}\(\d{1,7},\d{1,5}\): error TS(?!2307|2688|6053)\d{4}:)/,
    },
    why: 'a compiler ran and refused the code, which is why no test could run',
    source: 'https://pkg.go.dev/cmd/go#hdr-Test_packages',
  },
  rule('no-witness', 'no_tests_ran', 'it ended by itself, and nothing proves that tests ran'),
];
