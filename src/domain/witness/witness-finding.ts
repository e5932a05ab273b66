import { FAILURE_RULES } from '../failures/failure-rules';
import { ruleText } from '../failures/by-rule';
import type { SuitePolicy } from '../policy/project-policy';
import type { ByRule, RunRecord } from '../task/task.events';
import { countsText, type TestsOfRun } from './test-counts';
import type { WitnessFinding } from './witness-reasons';

/** A run, and the rule that told what it says. */
export type JudgedRun = Pick<RunRecord, 'exitCode' | 'tests' | 'noReport'> & ByRule;

/** What a policy says of the tests of a suite. */
export type AskedTests = Pick<SuitePolicy, 'minTests'> & { readonly witness?: SuitePolicy['witness'] };

/**
 * Whether the exit code of a suite is a verdict. Only a count that is known, or demanded, speaks against a green: a suite of which
 * nothing is recognised is believed. A suite that failed is red by that alone, unless its tool says that it found no tests.
 *
 * @returns null where nothing speaks against it.
 */
export function witnessFinding(
  { exitCode, tests, noReport, ...by }: JudgedRun,
  { minTests, witness }: AskedTests,
): WitnessFinding | null {
  if (saysNoTests(by))
    return { reason: 'no_tests_ran', evidence: [`exit code ${exitCode ?? 'none'}, by rule ${ruleText(by) ?? ''}`] };
  if (exitCode !== 0) return null;
  // The output may claim what it likes where a report is demanded.
  if (witness?.kind === 'tests' && (!tests || tests.isClaimed))
    return { reason: 'no_test_report', evidence: [noReport ?? 'none was read'] };
  if (minTests === 0) return null;
  if (!tests) return minTests === undefined ? null : { reason: 'too_few_tests', evidence: [unknown(minTests)] };
  if (tests.failed > 0) return { reason: 'exit_code_lost', evidence: [lost(tests)] };
  if (tests.executed === 0) return { reason: 'no_tests_ran', evidence: [`exit code 0, and ${seen(tests)}`] };
  if (minTests === undefined || tests.executed >= minTests) return null;
  return { reason: 'too_few_tests', evidence: [`at least ${minTests} tests are demanded, and ${seen(tests)}`] };
}

/** A rule by which the tool itself has said that it found none. */
export function saysNoTests({ rule }: ByRule): boolean {
  return FAILURE_RULES.some(
    ({ id, reason, when }) => id === rule && reason === 'no_tests_ran' && when.reasons?.[0] === null,
  );
}

/** What a verdict with such a finding is held for. */
export function causeOf({ reason }: WitnessFinding): 'inconclusive' | 'not-executed' {
  return reason === 'exit_code_lost' ? 'inconclusive' : 'not-executed';
}

/** `its output says: 0 executed (…), by jest-closing@1`. */
function seen(tests: TestsOfRun): string {
  const who = tests.isClaimed ? 'its output' : 'its report';
  return `${who} says: ${countsText(tests)}, by ${tests.rules.join(', ')}`;
}

function lost(tests: TestsOfRun): string {
  return `exit code 0, but ${seen(tests)}: a pipe such as \`npm test | tee log\` hides the exit code`;
}

function unknown(minTests: number): string {
  return `at least ${minTests} tests are demanded, and nothing that the suite left says how many ran`;
}
