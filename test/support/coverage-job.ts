import { EXIT_GATES } from '../../src/domain/gates/exit-gates';
import { fail, notReady, pass, type Gate } from '../../src/domain/gates/gate';
import { evidenceFor } from '../../src/domain/gates/subject';
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

const LEAST = 80;
/** Passes by enough lines, fails by too few, and has no answer to evidence without a number. */
const evaluate: Gate['evaluate'] = (task) => {
  const { data } = evidenceFor(task, 'check_coverage') ?? {};
  if (typeof data?.['lines'] !== 'number') return notReady('coverage not measured yet');
  return data['lines'] >= LEAST ? pass(data) : fail('coverage', data);
};

/** Puts the job and its gate into the tables, for the whole of a test file. */
export function addCoverageGate(): void {
  Object.assign(JOBS, { [COVERAGE.kind]: ROW });
  (JOB_KINDS as JobKind[]).push(COVERAGE.kind);
  Object.assign(EXIT_GATES, { check_coverage: { name: 'check_coverage', version: 2, evaluate } });
}
