import { REVERT_RULES } from '../../src/domain/gates/revert/revert-rules';
import { MERGE_RULES } from '../../src/domain/landings/landing';
import { judgesByPaths } from '../../src/domain/gates/overrides';
import { GATES } from '../../src/domain/task/pipeline';
import { codeIn, expectGeneratedPart, textOf } from './pages';

const PAGE = 'docs/green.md';

it.each([
  ['revert rules', REVERT_RULES],
  ['merge rules', Object.values(MERGE_RULES)],
] as const)('the page has the %s as they are, with what they cannot see', (name, rules) => {
  const rows = rules.map(({ id, meaning, limits }) => `| \`${id}\` | ${meaning} | ${limits} |`);
  expectGeneratedPart(PAGE, name, ['| rule | finds | cannot see |', '| --- | --- | --- |', ...rows].join('\n'));
});

it('concepts.md names every gate that is waived by paths', () => {
  const [row = ''] = /^\| for \| [^\n]*$/m.exec(textOf('docs/concepts.md')) ?? [];
  const byPaths = GATES.filter(judgesByPaths);
  expect(codeIn(row).filter((name) => name.startsWith('check_'))).toEqual(byPaths);
});
