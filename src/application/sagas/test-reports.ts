import type { SuitePolicy } from '../../domain/policy/project-policy';
import type { RunRecord } from '../../domain/task/task.events';
import type { TestsOfRun } from '../../domain/witness/test-counts';
import { REPORT_RULES, type TestReport } from '../../domain/witness/test-report';
import type { ReportReader } from '../ports/report-reader';

/** What the reports of a run say in the place of what it has printed, where the policy demands reports. */
export async function withReports<Run extends RunRecord>(
  reports: ReportReader,
  { witness }: Pick<SuitePolicy, 'witness'>,
  folder: string,
  run: Run,
): Promise<Run> {
  if (witness?.kind !== 'tests') return run;
  const found = await reports.tests(folder, witness.format, witness.paths);
  if (found.kind === 'read') return { ...run, tests: testsOf(found.report) };
  return { ...run, noReport: found.evidence.join('; ') };
}

function testsOf({ executed, passed, failed, skipped, format, files }: TestReport): TestsOfRun {
  return { executed, passed, failed, skipped, how: format, blocks: files, rules: [REPORT_RULES[format]] };
}
