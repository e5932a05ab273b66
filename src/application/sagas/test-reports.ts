import type { Digest } from '../../domain/ids';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import type { RunRecord } from '../../domain/task/task.events';
import {
  comparedByCount,
  comparedByName,
  comparedToNothing,
  namesIn,
  namesText,
  type TestComparison,
} from '../../domain/witness/compare-tests';
import type { TestsOfRun } from '../../domain/witness/test-counts';
import { REPORT_RULES, type TestReport } from '../../domain/witness/test-report';
import type { ArtifactStore } from '../ports/artifact-store';
import type { ReportReader } from '../ports/report-reader';
import type { TestHistory, TestsOnMain } from '../ports/test-history';

export interface TestsDeps {
  readonly reports: ReportReader;
  readonly artifacts: ArtifactStore;
  readonly testHistory: TestHistory;
}

/** Failed tests that an event names. */
const MOST_FAILED = 20;

/** What the reports of a run say in the place of what it has printed, where the policy demands reports. */
export async function withReports<Run extends RunRecord>(
  { reports, artifacts }: TestsDeps,
  { witness }: Pick<SuitePolicy, 'witness'>,
  folder: string,
  run: Run,
): Promise<Run> {
  if (witness?.kind !== 'tests') return run;
  const found = await reports.tests(folder, witness.format, witness.paths);
  if (found.kind === 'fault') return { ...run, noReport: found.evidence.join('; ') };
  const { tests } = found.report;
  const list = tests.length > 0 ? await artifacts.put(namesText(tests)) : null;
  return { ...run, tests: testsOf(found.report, list) };
}

/** Beside what main's last run of the same suite says. */
export async function besideMain<Run extends RunRecord>(
  { artifacts, testHistory }: TestsDeps,
  project: string,
  suite: Digest,
  run: Run,
): Promise<Run> {
  const { tests } = run;
  const main = await testHistory.onMain(project, suite);
  if (main && main.tests.executed > 0 && !tests) return { ...run, compared: comparedToNothing(main.runId, main.tests) };
  const compared = tests && main && (await comparison(artifacts, main, tests));
  return compared ? { ...run, compared } : run;
}

async function comparison(
  artifacts: ArtifactStore,
  main: TestsOnMain,
  tests: TestsOfRun,
): Promise<TestComparison | null> {
  const [before, now] = [await namesOf(artifacts, main.tests), await namesOf(artifacts, tests)];
  if (before && now) return comparedByName(main.runId, before, now);
  return comparedByCount(main.runId, main.tests, tests);
}

/** Kept by an earlier run, perhaps by another machine: where the list is not there, numbers are compared. */
async function namesOf(artifacts: ArtifactStore, { list }: TestsOfRun) {
  const bytes = list === undefined ? null : await artifacts.get(list);
  return bytes && namesIn(new TextDecoder().decode(bytes));
}

function testsOf(
  { executed, passed, failed, skipped, format, files, tests }: TestReport,
  list: Digest | null,
): TestsOfRun {
  const names = tests.filter(({ state }) => state === 'failed').map(({ name }) => name);
  return {
    executed,
    passed,
    failed,
    skipped,
    how: format,
    blocks: files,
    rules: [REPORT_RULES[format]],
    ...(list === null ? {} : { list }),
    ...(names.length > 0 ? { failedNames: [...new Set(names)].slice(0, MOST_FAILED) } : {}),
  };
}
