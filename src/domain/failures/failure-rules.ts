import { deepFrozen, type FailureRule } from './failure-rule';
import { FETCH_RULES } from './rules/fetch-rules';
import { COUNTED, MACHINE_RULES, WITNESS_RULES } from './rules/machine-rules';
import { SERVICE_RULES } from './rules/service-rules';
import { SETUP_RULES } from './rules/setup-rules';
import { SUITE_RULES } from './rules/suite-rules';

/** 128 + the numbers of SIGILL, SIGABRT, SIGBUS, SIGFPE and SIGSEGV. */
const CRASH_CODES = [132, 134, 135, 136, 139];

/** What no other rule explains, and yet is no secret: a suite that executed has judged the change. */
const EXECUTED: readonly FailureRule[] = [
  {
    id: 'crashed',
    version: 1,
    class: 'red',
    reason: null,
    retryable: false,
    when: { steps: ['suite'], reasons: [null], exitCodes: CRASH_CODES },
    why: 'the suite itself crashed',
  },
  {
    id: 'executed-and-failed',
    version: 1,
    class: 'red',
    reason: null,
    retryable: false,
    when: { steps: ['suite'], reasons: [null], failed: true },
    why: 'the suite executed, ended by itself, and its exit code is not 0',
  },
];

/** Decides where no rule does. */
export const NO_RULE: FailureRule = deepFrozen({
  id: 'no-rule',
  version: 1,
  class: 'other',
  reason: null,
  retryable: false,
  when: {},
  why: 'no rule knows this: a person has to look',
});

/** All rules. Their order is part of them: the first that fits decides, the others are runners-up. */
export const FAILURE_RULES: readonly FailureRule[] = deepFrozen([
  ...COUNTED,
  ...MACHINE_RULES,
  ...WITNESS_RULES,
  ...SUITE_RULES,
  ...FETCH_RULES,
  ...SETUP_RULES,
  ...SERVICE_RULES,
  ...EXECUTED,
]);
