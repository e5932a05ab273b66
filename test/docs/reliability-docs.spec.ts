import { basename } from 'node:path';
import { FAMILIES, MUTANTS } from '../simulation/mutants';
import { codeIn, expectGeneratedPart, filesBelow, markdownTable, pages, rowsUnder, textOf } from './pages';
import { unionOf } from './typescript-shapes';

const PAGE = 'docs/reliability.md';

it('the invariants are those that are checked', () => {
  const parts = [
    'alert',
    'breaker',
    'ci',
    'coverage',
    'dependency',
    'hook',
    'task',
    'override',
    'revert',
    'judge',
    'task',
    'override',
    'shadow',
    'lane',
    'log',
    'witness',
  ].map((part) => `test/support/${part}-invariants.ts`);
  const checkers = [
    ...parts,
    'test/simulation/history.ts',
    'test/simulation/sim-coverage.ts',
    'test/simulation/sim-deploys.ts',
    'test/simulation/sim-images.ts',
    'test/simulation/sim-judges.ts',
    'test/simulation/sim-monitors.ts',
    'test/support/monitor-invariants.ts',
    'test/simulation/sim-reports.ts',
    'test/simulation/sim-reverts.ts',
    'test/simulation/sim-setups.ts',
    'test/simulation/sim-subscribers.ts',
    'test/simulation/check-flakes.ts',
  ]
    .map(textOf)
    .join('');
  const checked = [...checkers.matchAll(/'(I\d+b?)'/g)].map(([, id = '']) => id);
  const documented = rowsUnder(PAGE, 'Invariants').map(([id = '']) => id);
  expect([...documented].sort()).toEqual([...new Set(checked)].sort());
});

it('the mutants are those that are hunted', () => {
  const rows = MUTANTS.map(({ name, caughtBy, file }) => [name, caughtBy.join(', '), `\`${file}\``]);
  expectGeneratedPart(PAGE, 'mutants', markdownTable(['fault', 'noticed by one of', 'in'], rows));
});

it('every family of mutants is hunted', () => {
  const files = filesBelow('test/simulation/mutants');
  const specs = files.filter((file) => file.endsWith('.spec.ts')).map((file) => basename(file, '.spec.ts'));
  expect(specs.sort()).toEqual(Object.keys(FAMILIES).sort());
});

it('the failpoints are those that are passed', () => {
  const documented = rowsUnder(PAGE, 'Failpoints').flatMap(([point = '']) => codeIn(point));
  expect(documented).toEqual(unionOf('src/application/failpoint.ts', 'Failpoint'));
});

it('every test that a page names exists', () => {
  const named = pages().flatMap((page) => [
    // A line break may stand anywhere in a paragraph.
    ...textOf(page)
      .replace(/\s+/g, ' ')
      .matchAll(/`(test\/[\w./-]+\.ts)`((?:(?: ›|,) \*[^*\n]+\*)+)/g),
  ]);
  expect(named.length).toBeGreaterThan(10);
  const missing = named.flatMap(([, file = '', names = '']) => {
    const text = textOf(file);
    return [...names.matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => name).filter((name) => !text.includes(name));
  });
  expect(missing).toEqual([]);
});
