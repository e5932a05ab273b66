import type { ReportFault } from '../../../application/ports/report-reader';
import { plainText } from '../../../domain/staging/plain-text';
import { NO_TALLY, takeLine, testsIn } from '../../../domain/witness/tally';
import { NO_TESTS, sumOf, type TestCounts } from '../../../domain/witness/test-counts';
import { MOST_NAMES, type NamedTest, type TestFormat, type TestReport } from '../../../domain/witness/test-report';
import { Malformed } from '../malformed';
import { readReportFile } from '../report-file';
import { findReports } from './find-reports';
import { readJunit } from './read-junit';

/** Of one run. */
const MOST_FILES = 2_000;
const MOST_CHARS = 32 * 1024 * 1024;

export type ReadTests = { readonly kind: 'read'; readonly report: TestReport } | ReportFault;

/** All reports of a run together: each has to be whole, or nothing is known. */
export async function readTestReports(
  folder: string,
  format: TestFormat,
  patterns: readonly string[],
): Promise<ReadTests> {
  const paths = findReports(folder, patterns);
  if (paths === null)
    return fault(`expected fewer files where ${patterns.join(', ')} may lie, saw more than can be looked at`);
  if (paths.length === 0) return fault(`expected a report at ${patterns.join(', ')}, saw none`, 'no_report');
  if (paths.length > MOST_FILES) return fault(`expected at most ${MOST_FILES} reports, saw ${paths.length}`);
  const tests: NamedTest[] = [];
  let [sum, chars] = [NO_TESTS, 0];
  for (const path of paths) {
    const file = await readReportFile(folder, path);
    if (file.kind === 'fault') return file;
    chars += file.text.length;
    if (chars > MOST_CHARS) return fault(`expected at most ${MOST_CHARS} characters of reports, saw more`);
    try {
      sum = sumOf([sum, format === 'junit' ? junitIn(file.text, tests) : tapIn(file.text)]);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return fault(`${path}: ${error.message}`);
    }
  }
  return { kind: 'read', report: { ...sum, format, files: paths.length, tests } };
}

function junitIn(text: string, tests: NamedTest[]): TestCounts {
  const found = { passed: 0, failed: 0, skipped: 0 };
  readJunit(text, (test) => {
    found[test.state] += 1;
    if (tests.length < MOST_NAMES && test.name !== '') tests.push(test);
  });
  return { ...found, executed: found.passed + found.failed };
}

function tapIn(text: string): TestCounts {
  const lines = plainText(text).split('\n');
  const counts = testsIn([lines.reduce((tally, line) => takeLine(tally, line.trimEnd()), NO_TALLY)]);
  if (counts === null) throw new Malformed('expected TAP, saw neither its version nor a plan');
  return counts;
}

function fault(evidence: string, reason: ReportFault['reason'] = 'report_malformed'): ReportFault {
  return { kind: 'fault', reason, evidence: [evidence] };
}
