import { EXIT_GATES } from '../../src/domain/gates/exit-gates';
import { fail, notReady, pass, type Gate } from '../../src/domain/gates/gate';
import { evidenceFor } from '../../src/domain/gates/subject';
import type { PlainKind } from '../../src/domain/task/job';
import type { JobKind, JobRow } from '../../src/domain/task/job-row';
import { JOB_KINDS, JOBS } from '../../src/domain/task/job-table';

/** Longer than any other job of a project. */
export const LICENCE_MS = 3_000_000;

/** How a gate with a job of its own would stand in the table: behind the merge gate, so that it needs the lane. */
const ROW: JobRow = {
  ...JOBS['merge-gate'],
  gate: 'check_coverage',
  durationMs: () => LICENCE_MS,
  retrySwitch: null,
  exhaustedBy: 'hold',
  slots: { fallback: 1, description: 'Checks of licences at once.' },
  does: 'checks the licences',
};

/** Of a kind that no line of the program names: whatever is known about it was read from the table. */
export const LICENCES = { kind: 'licence-check' as PlainKind };

const MOST = 20;
/** Passes by few unknown licences, fails by many, and has no answer to evidence without a number. */
const evaluate: Gate['evaluate'] = (task) => {
  const { data } = evidenceFor(task, 'check_coverage') ?? {};
  if (typeof data?.['unknown'] !== 'number') return notReady('licences not checked yet');
  return data['unknown'] <= MOST ? pass(data) : fail('licences', data);
};

/** Puts the job and its gate into the tables, in the place of those of the coverage, for the whole of a test file. */
export function addLicenceGate(): void {
  const kinds = JOB_KINDS as JobKind[];
  kinds.splice(kinds.indexOf('coverage-run'), 1, LICENCES.kind);
  Object.assign(JOBS, { [LICENCES.kind]: ROW });
  Object.assign(EXIT_GATES, { check_coverage: { name: 'check_coverage', version: 2, evaluate } });
}
