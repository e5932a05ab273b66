import { textOf } from './pages';

const PAGE = textOf('AGENTS.md').replace(/\n {2}/g, ' ');
const BREAKS = [...PAGE.matchAll(/in `(src\/[^`]+)` replace `([^`]+)` by `([^`]+)`/g)];

it.each(BREAKS.map(([, file = '', find = '', replace = '']) => ({ file, find, replace })))(
  'what AGENTS.md breaks in $file stands there once',
  ({ file, find, replace }) => {
    expect(textOf(file).split(find)).toHaveLength(2);
    expect(textOf(file)).not.toContain(replace);
  },
);

it('every mechanism says what holds, where it lives, why, and how it fails', () => {
  const sections = PAGE.split(/^## /m).slice(1);
  expect(sections.length).toBeGreaterThan(15);
  expect(BREAKS.length).toBeGreaterThan(12);
  for (const section of sections) {
    expect([...section.matchAll(/^- (\w+(?: in)?):/gm)].map(([, name]) => name)).toEqual([
      'Holds',
      'Lives in',
      'Why',
      'Break',
      'Fails',
    ]);
  }
});
