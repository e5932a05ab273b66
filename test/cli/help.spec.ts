import { LAND_EXIT } from '../../src/cli/land/land-outcome';
import type { Command } from 'commander';
import { makeProgram } from '../../src/cli/program';

const withOwn = (verb: Command): readonly Command[] => [verb, ...verb.commands.flatMap(withOwn)];
const verbs = makeProgram(() => undefined).commands.flatMap(withOwn);

it.each(verbs.map((verb) => [verb.name(), verb] as const))(
  '%s says what it does, and so do its arguments and flags',
  (_, verb) => {
    expect(verb.description()).not.toBe('');
    const things = [
      ...verb.registeredArguments.map((argument) => [argument.name(), argument.description]),
      ...verb.options.map((option) => [option.long, option.description]),
    ];
    expect(things.filter(([, description]) => !description)).toEqual([]);
  },
);

it('no two verbs describe themselves alike', () => {
  const descriptions = verbs.map((verb) => verb.description());
  expect(new Set(descriptions).size).toBe(verbs.length);
});

it('the help of land lists how it can end', () => {
  let help = '';
  const land = verbs.find((verb) => verb.name() === 'land');
  land?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  for (const [outcome, code] of Object.entries(LAND_EXIT)) expect(help).toContain(`${code} ${outcome}`);
});
