import { artifactsIn, mediaTypeOf } from '../../../src/domain/task/cited-artifacts';
import type { TaskEvent, TaskEventData } from '../../../src/domain/task/task.events';

const OUTPUT = '1'.repeat(64);
const REPORT = '2'.repeat(64);
const MAIN = '3'.repeat(64);
const GATE = { gate: 'check_security', stage: 'deploy-staging', check: null, runId: null } as const;

function evidence(data: Partial<TaskEventData['EvidenceRecorded']>): TaskEvent {
  const base = { gate: 'check_security', subjectOid: 'a'.repeat(40), run: null, evidence: {} } as const;
  return { type: 'EvidenceRecorded', data: { ...base, ...data } };
}

test('evidence of a gate cites what people read, and the reports of both sides', () => {
  const found = { output: OUTPUT, report: REPORT, base: { oid: 'b', report: MAIN } };
  expect(artifactsIn(evidence({ claim: '7', evidence: found }))).toEqual([
    { name: 'security-scan.md', digest: OUTPUT, ...GATE },
    { name: 'security-scan-report.txt', digest: REPORT, ...GATE },
    { name: 'security-scan-report-of-main.txt', digest: MAIN, ...GATE },
  ]);
});

test('what has a name of its own is cited once, by that', () => {
  const artifact = { name: '15-judge-report.md', digest: OUTPUT };
  const data = {
    claim: '7',
    gate: 'check_tests_not_weakened',
    evidence: { output: OUTPUT },
    artifact,
  } as const;
  expect(artifactsIn(evidence(data)).map(({ name }) => name)).toEqual(['15-judge-report.md']);
});

test('files of a check are cited with the check that sent them', () => {
  const files = [{ name: 'junit.xml', digest: REPORT }, 'odd'];
  const cited = artifactsIn(evidence({ gate: 'check_ci_green', evidence: { name: 'unit', files } }));
  expect(cited).toEqual([
    { name: 'junit.xml', digest: REPORT, gate: 'check_ci_green', stage: 'development', check: 'unit', runId: null },
  ]);
});

test('evidence without any cites none', () => {
  expect(artifactsIn(evidence({ claim: '7', evidence: { base: 'odd', report: 1 } }))).toEqual([]);
});

test('a re-test cites its log, and what earlier versions kept of its output', () => {
  const run = { runId: 'run-1' };
  const cited = (data: object) => artifactsIn({ type: 'RetestFinished', data: { run, ...data } } as TaskEvent);
  const of = { gate: 'check_branch_mergeable', stage: 'deploy-staging', check: null, runId: 'run-1' };
  const log = { name: '15-retest-log.md', digest: OUTPUT };
  expect(cited({ artifact: log })).toEqual([{ ...log, ...of }]);
  expect(cited({ output: OUTPUT })).toEqual([{ ...log, ...of }]);
  expect(cited({})).toEqual([]);
});

test.each([
  ['a.md', 'text/markdown'],
  ['report.sarif', 'application/sarif+json'],
  ['page.html', 'text/plain'],
  ['Makefile', 'text/plain'],
  ['a.constructor', 'text/plain'],
])('%s is said to be %s', (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});
