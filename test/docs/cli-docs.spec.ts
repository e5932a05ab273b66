import type { Command, Option } from 'commander';
import { EXIT } from '../../src/cli/exit-codes';
import { LAND_EXIT } from '../../src/cli/land/land-outcome';
import { makeProgram } from '../../src/cli/program';
import { codeIn, rowsUnder, textOf } from './pages';
import { membersOf } from './typescript-shapes';

const PAGE = 'docs/cli.md';
const COMMON = ['--json', '--help'];

const verbs = leavesOf(makeProgram(() => undefined));
const optionsOf = (verb: Command): readonly Option[] =>
  verb.options.filter(({ long }) => !COMMON.includes(long ?? '') && !(long === '--repo' && fullName(verb) !== 'land'));

it('every verb has a section, and no section is about anything else', () => {
  const sections = [...textOf(PAGE).matchAll(/^## ([a-z][a-z ]*)$/gm)].map(([, name = '']) => name);
  expect(sections.sort()).toEqual(verbs.map(fullName).sort());
});

describe.each(verbs.map((verb) => [fullName(verb), verb] as const))('%s', (name, verb) => {
  it('is shown with its arguments', () => {
    const shown = verb.registeredArguments.map((argument) => {
      const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${text}>` : `[${text}]`;
    });
    const call = ['stagegate', name, ...(name === 'exec' ? ['--'] : []), ...shown].join(' ');
    expect(textOf(PAGE)).toContain(`\n\`${call}\` `);
  });

  it('has the flags and defaults of the program', () => {
    const documented = rowsUnder(PAGE, name).map(([flag = '', fallback = '']) => [codeIn(flag)[0], fallback]);
    expect(documented).toEqual(optionsOf(verb).map((option) => [option.long, fallbackOf(option)]));
  });
});

it('--json and --repo are where the page says', () => {
  const rows = rowsUnder(PAGE, 'Common flags');
  expect(verbs.filter((verb) => !verb.options.some(({ long }) => long === '--json'))).toEqual([]);
  const withRepo = verbs.filter((verb) => verb.options.some(({ long }) => long === '--repo')).map(fullName);
  const named = codeIn(rows.find(([flag]) => flag === '`--repo`')?.[2] ?? '').filter((word) => word !== 'land');
  expect([...named].sort()).toEqual(withRepo.filter((name) => name !== 'land').sort());
});

it('exit codes are those of the program', () => {
  const rows = rowsUnder(PAGE, 'Exit codes');
  expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  const outcomes = rows.flatMap(([code, names = '']) => codeIn(names).map((name) => [name, Number(code)]));
  expect(Object.fromEntries(outcomes)).toEqual(LAND_EXIT);
});

it('the results of land and demo are described member by member', () => {
  const text = textOf(PAGE);
  const described = [
    ...membersOf('src/cli/land/land-outcome.ts', 'LandResult'),
    ...membersOf('src/cli/demo/summary.ts', 'DemoSummary'),
    ...['FullSummary', 'RunSummary'].flatMap((name) => membersOf('src/cli/demo/full/full-report.ts', name)),
    ...membersOf('src/cli/demo/full/full-steps.ts', 'FullStep'),
  ];
  expect(described.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

/** Verbs that do something by themselves: `audit` has two that do. */
function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function fullName(verb: Command): string {
  return verb.parent?.parent ? `${fullName(verb.parent)} ${verb.name()}` : verb.name();
}

function fallbackOf({ mandatory, defaultValue }: Option): string {
  if (mandatory) return 'required';
  return defaultValue === undefined ? '' : `\`${String(defaultValue)}\``;
}
