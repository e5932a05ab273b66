import { WITNESS_REASONS } from '../../src/domain/witness/witness-reasons';
import { REPORT_REASONS } from '../../src/application/ports/report-reader';
import { FAILURE_RULES } from '../../src/domain/failures/failure-rules';
import { filesBelow, codeIn, rowsUnder, sources, textOf } from './pages';
import { unionOf } from './typescript-shapes';

const PAGE = 'docs/troubleshooting.md';
const EVENTS = 'src/domain/task/task.events.ts';
const firstCodes = (heading: string) => rowsUnder(PAGE, heading).flatMap(([code = '']) => codeIn(code));

it('every reason of a hold is explained', () => {
  expect(firstCodes('Held tasks').sort()).toEqual([...unionOf(EVENTS, 'HoldReason')].sort());
});

it('every reason of the process runner and of the jobs is explained', () => {
  const ofRunner = unionOf('src/application/ports/process-runner.ts', 'ToolErrorReason');
  const ofRules = FAILURE_RULES.flatMap(({ reason }) => reason ?? []);
  expect(firstCodes('Why a run did not count').sort()).toEqual(
    [...new Set([...ofRunner, ...ofRules, ...REPORT_REASONS, ...WITNESS_REASONS, 'unknown', 'deadline'])].sort(),
  );
  expect(textOf('src/application/conductor/outcomes.ts')).toContain("'deadline'");
});

it('every code of an infrastructure error is explained', () => {
  // What `git var` is asked for is a name of git's.
  const codes = [
    ...sources().matchAll(/(?<!'var', )'((?:GIT|STORE|LOG|PAST|READ_MODEL|ARTIFACT|AGENT)_[A-Z_]+)'/g),
  ].map(([, code = '']) => code);
  const made = [...sources().matchAll(/new \w+\(\s*'([A-Z]+_[A-Z_]+)'/g)].map(([, code = '']) => code);
  expect(firstCodes('Codes of the world').sort()).toEqual([...new Set([...codes, ...made])].sort());
});

it('every way to lose a landing is explained', () => {
  const [, reasons = ''] = /LandingLost: Claimed & \{\s*reason: ([^;]+);/.exec(textOf(EVENTS)) ?? [];
  expect(firstCodes('Landings that are lost')).toEqual(
    reasons.split(' | ').map((reason) => reason.replaceAll("'", '')),
  );
});

it('every code of why is explained', () => {
  const files = [
    'src/domain/task/next-step.ts',
    ...filesBelow('src/domain/task/next'),
    'src/projections/queue/explain-tasks.ts',
  ];
  const found = files.flatMap((file) => [
    ...textOf(file).matchAll(/(?:why\(|code: )(?:'([^']+)'|`([a-z-]+:)\$\{(\w+))/g),
  ]);
  const codes = found.map(
    ([, plain, prefix, value]) => plain ?? `${prefix ?? ''}<${value === 'gate' ? 'name' : (value ?? '')}>`,
  );
  const final = ['done', 'cancelled', 'rejected'];
  expect(firstCodes('Why a task waits').sort()).toEqual([...new Set([...codes, ...final])].sort());
});

it('what is called reserved is reported by nothing', () => {
  const reserved = ['Held tasks', 'Why a run did not count', 'Codes of the world'].flatMap((heading) =>
    rowsUnder(PAGE, heading)
      .filter(([, meaning]) => meaning === 'reserved')
      .flatMap(([code = '']) => codeIn(code)),
  );
  expect(reserved.length).toBeGreaterThan(0);
  const made = filesBelow('src')
    .filter((file) => !/ports|events\.ts$|state\.ts$/.test(file))
    .map(textOf)
    .join('\n');
  expect(reserved.filter((code) => new RegExp(`(?:rror\\(|reason: )\\s*'${code}'`).test(made))).toEqual([]);
});
