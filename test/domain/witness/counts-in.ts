import { plainText } from '../../../src/domain/staging/plain-text';
import { NO_TALLY, takeLine, testsIn } from '../../../src/domain/witness/tally';
import type { TestsOfRun } from '../../../src/domain/witness/test-counts';

/** What the lines of one stream say. */
export function countsIn(output: string): TestsOfRun | null {
  const lines = plainText(output).split('\n');
  return testsIn([lines.reduce((tally, line) => takeLine(tally, line.trimEnd()), NO_TALLY)]);
}
