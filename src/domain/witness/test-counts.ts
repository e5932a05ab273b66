/** How many tests a suite ran. A skipped test was not executed. */
export interface TestCounts {
  readonly executed: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** From what it is known: a report file, or what the suite printed (TAP, or the closing lines of its runner). */
export const COUNT_SOURCES = ['junit', 'tap', 'text'] as const;
export type CountSource = (typeof COUNT_SOURCES)[number];

/** What a run says of its tests. */
export interface TestsOfRun extends TestCounts {
  /** The names of all, as `namesText` has them, among the artifacts; absent where no report names them. */
  readonly list?: string;
  /** The first that failed. */
  readonly failedNames?: readonly string[];
  readonly how: CountSource;
  /** Summaries that were found and added up: one for each runner that ran, or for each report. */
  readonly blocks: number;
  /** The rules that found them: `jest-closing@1`. */
  readonly rules: readonly string[];
  /** Only the output says so, and a test can print anything. Left out: a report of the run says so. */
  readonly isClaimed?: true;
}

export const NO_TESTS: TestCounts = { executed: 0, passed: 0, failed: 0, skipped: 0 };

export function sumOf(counts: readonly TestCounts[]): TestCounts {
  return counts.reduce(
    (sum, { executed, passed, failed, skipped }) => ({
      executed: sum.executed + executed,
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    NO_TESTS,
  );
}

/** `3 executed (2 passed, 1 failed), 1 skipped`. */
export function countsText({ executed, passed, failed, skipped }: TestCounts): string {
  return `${executed} executed (${passed} passed, ${failed} failed), ${skipped} skipped`;
}
