import type { TestCounts } from './test-counts';

/** How the test reports of a suite are written. */
export const TEST_FORMATS = ['junit', 'tap'] as const;
export type TestFormat = (typeof TEST_FORMATS)[number];

export type TestState = 'passed' | 'failed' | 'skipped';

/** One test that a report names, as `class > name`. */
export interface NamedTest {
  readonly name: string;
  readonly state: TestState;
}

/** What all reports of a run say together. */
export interface TestReport extends TestCounts {
  readonly format: TestFormat;
  readonly files: number;
  /** Those that have a name; the first `MOST_NAMES` of them. */
  readonly tests: readonly NamedTest[];
}

/** Of one run. Beyond that tests are counted, and not named. */
export const MOST_NAMES = 20_000;
/** Rules by which reports are read; raised when they count anything differently. */
export const REPORT_RULES: Readonly<Record<TestFormat, string>> = { junit: 'junit-xml@1', tap: 'tap-file@1' };
