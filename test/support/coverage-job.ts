import { EXIT_GATES } from '../../src/domain/gates/exit-gates';
import { notReady, pass } from '../../src/domain/gates/gate';
import type { PlainKind } from '../../src/domain/task/job';
import { JOB_KINDS, JOBS, type JobKind, type JobRow } from '../../src/domain/task/job-table';

/** Longer than any other job of a project. */
export const COVERAGE_MS = 3_000_000;

/** How a gate with a job of its own would stand in the table: behind the merge gate, so that it needs the lane. */
const ROW: JobRow = {
  ...JOBS['merge-gate'],
  gate: 'check_coverage',
  durationMs: () => COVERAGE_MS,
  retrySwitch: null,
  exhaustedBy: 'hold',
  slots: { fallback: 1, description: 'Coverage runs at once.' },
  does: 'measures the coverage',
};

/** Of a kind that no line of the program names: whatever is known about it was read from the table. */
export const COVERAGE = { kind: 'coverage' as PlainKind };

/** Puts the job and its gate into the tables, for the whole of a test file. @returns what says that it was measured. */
export function addCoverageGate(): { isMeasured: boolean } {
  const seen = { isMeasured: false };
  const evaluate = () => (seen.isMeasured ? pass() : notReady('coverage not measured yet'));
  Object.assign(JOBS, { [COVERAGE.kind]: ROW });
  (JOB_KINDS as JobKind[]).push(COVERAGE.kind);
  Object.assign(EXIT_GATES, { check_coverage: { name: 'check_coverage', version: 2, evaluate } });
  return seen;
}
