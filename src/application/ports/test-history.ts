import type { Digest } from '../../domain/ids';
import type { TestsOfRun } from '../../domain/witness/test-counts';

/** What a suite ran on the way of the last change that landed. */
export interface TestsOnMain {
  readonly runId: string;
  readonly tests: TestsOfRun;
}

/** What suites ran on main, as far as it is known. A hint for comparing, never a condition: whatever fails here, there is none. */
export abstract class TestHistory {
  /** @returns null where nothing has landed past that very suite, or it said nothing. Never rejects. */
  abstract onMain(project: string, suite: Digest): Promise<TestsOnMain | null>;
}
