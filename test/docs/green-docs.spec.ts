import { REVERT_RULES } from '../../src/domain/gates/revert/revert-rules';
import { MERGE_RULES } from '../../src/domain/landings/landing';
import { expectGeneratedPart } from './pages';

const PAGE = 'docs/green.md';

it.each([
  ['revert rules', REVERT_RULES],
  ['merge rules', Object.values(MERGE_RULES)],
] as const)('the page has the %s as they are, with what they cannot see', (name, rules) => {
  const rows = rules.map(({ id, meaning, limits }) => `| \`${id}\` | ${meaning} | ${limits} |`);
  expectGeneratedPart(PAGE, name, ['| rule | finds | cannot see |', '| --- | --- | --- |', ...rows].join('\n'));
});
