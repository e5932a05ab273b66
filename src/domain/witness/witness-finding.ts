import { FAILURE_RULES } from '../failures/failure-rules';
import { ruleText } from '../failures/by-rule';
import type { SuitePolicy } from '../policy/project-policy';
import type { ByRule, RunRecord } from '../task/task.events';
import { countsText, type TestsOfRun } from './test-counts';
import { comparisonText, type TestComparison } from './compare-tests';
import type { WitnessFinding, WitnessReason } from './witness-reasons';

/** A run, and the rule that told what it says. */
export type JudgedRun = Pick<RunRecord, 'exitCode' | 'tests' | 'noReport' | 'compared'> & ByRule;

/** What a policy says of the tests of a suite. */
export type AskedTests = Pick<SuitePolicy, 'minTests' | 'onVanishedTests'> & {
  readonly witness?: SuitePolicy['witness'];
};

/**
 * Whether the exit code of a suite is a verdict. Only a count that is known, or demanded, speaks against a green: a suite of which
 * nothing is recognised is believed. A suite that failed is red by that alone, unless its tool says that it found no tests.
 *
 * @returns null where nothing speaks against it.
 */
export function witnessFinding(run: JudgedRun, asked: AskedTests): WitnessFinding | null {
  const { exitCode, tests, noReport, compared, ...by } = run;
  const { minTests, witness } = asked;
  if (saysNoTests(by))
    return found('no_tests_ran', `exit code ${exitCode ?? 'none'}, by rule ${ruleText(by) ?? ''}`, compared);
  if (exitCode !== 0) return null;
  // The output may claim what it likes where a report is demanded.
  if (witness?.kind === 'tests' && (!tests || tests.isClaimed))
    return found('no_test_report', noReport ?? 'none was read');
  if (minTests === 0) return null;
  if (!tests) return minTests === undefined ? silent(compared, asked) : found('too_few_tests', unknown(minTests));
  if (tests.failed > 0) return found('exit_code_lost', lost(tests));
  if (tests.executed === 0) return found('no_tests_ran', `exit code 0, and ${seen(tests)}`, compared);
  if (minTests !== undefined && tests.executed < minTests)
    return found('too_few_tests', `at least ${minTests} tests are demanded, and ${seen(tests)}`, compared);
  return compared && isTooMany(compared, asked) ? found('tests_vanished', seen(tests), compared) : null;
}

/** From so many on, and more than that share of what main runs, nobody takes it for a tidy-up. */
const MANY = 5;
const MANY_SHARE = 0.1;

function isTooMany({ before, vanished, newlySkipped }: TestComparison, { onVanishedTests }: AskedTests): boolean {
  const missing = vanished + newlySkipped;
  if (onVanishedTests) return onVanishedTests === 'hold' && missing > 0;
  return missing >= MANY && missing > before * MANY_SHARE;
}

/** A suite that has never said how many tests it ran is believed; one that did so on main no more, until a person lets it. */
function silent(compared: TestComparison | undefined, { onVanishedTests }: AskedTests): WitnessFinding | null {
  if (!compared || compared.before === 0 || onVanishedTests === 'note') return null;
  const { runId, before } = compared;
  const text = `exit code 0, and nothing that it left says that a test ran; main's run ${runId} executed ${before}`;
  return { reason: 'tests_vanished', evidence: [text] };
}

/** What main ran comes first: that the change has taken it out is what matters. */
function found(reason: WitnessReason, evidence: string, compared?: TestComparison): WitnessFinding {
  const beside = compared && comparisonText(compared);
  return { reason, evidence: beside ? [`the change removed them: ${beside}`, evidence] : [evidence] };
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
