import type { TestsOfRun } from '../../../../src/domain/witness/test-counts';
import { witnessFinding } from '../../../../src/domain/witness/witness-finding';
import { given, happened, type Line, type Move } from '../../../support/given-when-then';
import {
  after,
  CANDIDATE,
  claim,
  mergeable,
  override,
  policy,
  rebasedOnto,
  release,
  retested,
  RUN,
  stagedGreen,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';

const tests = (of: Partial<TestsOfRun>): TestsOfRun => ({
  executed: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
  how: 'text',
  blocks: 1,
  rules: ['jest-closing@1'],
  isClaimed: true,
  ...of,
});
const NONE = tests({});
const TWO = tests({ executed: 2, passed: 2 });
const RED = tests({ executed: 2, passed: 1, failed: 1 });

describe('what the count of tests says of a run', () => {
  it.each([
    ['nothing where nothing is known', { exitCode: 0 }, {}, null],
    ['nothing where tests ran', { exitCode: 0, tests: TWO }, {}, null],
    ['nothing of a red', { exitCode: 1, tests: NONE }, {}, null],
    ['that a green without tests is none', { exitCode: 0, tests: NONE }, {}, 'no_tests_ran'],
    ['that skipped tests were not executed', { exitCode: 0, tests: tests({ skipped: 3 }) }, {}, 'no_tests_ran'],
    ['that failed tests are no green', { exitCode: 0, tests: RED }, {}, 'exit_code_lost'],
    ['that too few ran', { exitCode: 0, tests: TWO }, { minTests: 3 }, 'too_few_tests'],
    ['nothing where enough ran', { exitCode: 0, tests: TWO }, { minTests: 2 }, null],
    ['that a demanded count is not known', { exitCode: 0 }, { minTests: 1 }, 'too_few_tests'],
    ['nothing where nobody wants to know', { exitCode: 0, tests: NONE }, { minTests: 0 }, null],
    ['nothing of failed ones then', { exitCode: 0, tests: RED }, { minTests: 0 }, null],
    ['that the tool found none', { exitCode: 5, rule: 'pytest-no-tests', ruleVersion: 1 }, {}, 'no_tests_ran'],
    ['nothing of another rule', { exitCode: 5, rule: 'executed-and-failed', ruleVersion: 1 }, {}, null],
  ] as const)('%s', (_what, run, asked, reason) => {
    expect(witnessFinding(run, asked)?.reason ?? null).toBe(reason);
  });
});

const ran = (of: TestsOfRun): Move => suiteRan({ tests: of });
const staged: Line = [submittedForStaging, claim('staging-suite')];
const candidate: Line = [stagedGreen, claim('merge-gate'), rebasedOnto()];

describe('in staging', () => {
  it('a run of no tests is held by its gate, with one alert, and costs nobody a retry', () => {
    const held = given(staged)
      .when(ran(NONE))
      .then(
        'StagingSuiteExecuted',
        happened('VerdictRecorded', { status: 'FAILED', passed: false, cause: 'not-executed' }),
        happened('GateEvaluated', { gate: 'check_staging_status', result: 'hold', reason: 'not-executed' }),
        happened('TaskHeld', { reason: 'not-executed', gate: 'check_staging_status', budget: null }),
        'AlertRaised',
      );
    held.thenTask({ spent: {}, failure: { class: 'not-executed', reason: 'no_tests_ran', tries: 1 } });
    held.when(release).accepted().thenNext('run', 'staging-suite');
    held.when(override('check_staging_status')).accepted().thenNext('run', 'merge-gate');
  });

  it('a green that says that tests failed is inconclusive, and is not simply run again', () => {
    given(policy({ onInconclusive: 'retry' }), staged)
      .when(ran(RED))
      .then(
        'StagingSuiteExecuted',
        happened('VerdictRecorded', { cause: 'inconclusive' }),
        'GateEvaluated',
        happened('TaskHeld', { reason: 'inconclusive' }),
        'AlertRaised',
      );
  });

  it('a run with tests is a green that says how many', () => {
    given(staged).when(ran(TWO)).accepted().thenTask({ stage: 'deploy-staging', hold: null });
  });
});

describe('in the merge gate', () => {
  const empty = retested({ run: { ...RUN, tests: NONE } });

  it('a re-test of no tests lands nothing, until a person lets it', () => {
    const held = given(candidate)
      .when(empty)
      .then(
        happened('RetestFinished', { outcome: 'not-executed' }),
        happened('GateEvaluated', { gate: 'check_branch_mergeable', result: 'hold' }),
        happened('TaskHeld', { reason: 'not-executed', gate: 'check_branch_mergeable' }),
        'AlertRaised',
      );
    held.when(release).accepted().thenNext('run', 'staging-suite');
    held.when(override('check_branch_mergeable')).accepted().thenNext('run', 'landing');
  });

  it('is let through by whoever has let the suite of staging through for the same reason', () => {
    const waived: Line = [staged, ran(NONE), override('check_staging_status'), claim('merge-gate'), rebasedOnto()];
    given(waived, empty).thenNext('run', 'landing');
  });

  it('is not let through by who has let a red of staging through', () => {
    const waived: Line = [staged, suiteRan({ exitCode: 1 }), override('check_staging_status')];
    given(waived, claim('merge-gate'), rebasedOnto(), empty).thenTask({ hold: { reason: 'not-executed' } });
  });

  it('whose tests ran is overridden by nobody', () => {
    given(stagedGreen, mergeable)
      .when(override('check_branch_mergeable'))
      .thenRejected('not-overridable', /only where/);
    given(candidate, retested({ exitCode: 1, newOid: CANDIDATE }), after(1))
      .when(override('check_branch_mergeable'))
      .thenRejected('not-overridable', /only where/);
  });
});
