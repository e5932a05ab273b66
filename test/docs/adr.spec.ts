import { codeIn, filesBelow, rowsUnder, textOf } from './pages';

const DECISIONS = filesBelow('docs/adr')
  .filter((file) => /\/\d{4}-[a-z0-9-]+\.md$/.test(file))
  .sort();
const SECTIONS = ['Context', 'Decision', 'Consequences', 'Checked by'];
/** At this many lines of 128 characters a printed page is full. */
const ONE_PAGE = 60;
const numberOf = (file: string) => /(\d{4})-[^/]*$/.exec(file)?.[1] ?? '';

it('decisions have a number each, and are listed', () => {
  expect(new Set(DECISIONS.map(numberOf)).size).toBe(DECISIONS.length);
  const listed = rowsUnder('docs/adr/index.md', 'Decisions').map(([link = '', title = '', status = '']) => [
    `docs/adr/${/\(([^)]+)\)/.exec(link)?.[1] ?? ''}`,
    title,
    status,
  ]);
  const written = DECISIONS.map((file) => {
    const [, title = ''] = /^# \d{4}\. (.+)$/m.exec(textOf(file)) ?? [];
    const [, status = ''] = /^- Status: (.+)$/m.exec(textOf(file)) ?? [];
    return [file, title, status];
  });
  expect(listed).toEqual(written);
});

describe.each(DECISIONS)('%s', (file) => {
  const text = textOf(file);

  it('has its number, status, date and sections, on one page', () => {
    expect(text).toMatch(new RegExp(`^# ${numberOf(file)}\\. `));
    expect(text).toMatch(/\n- Status: (proposed|accepted|superseded by \d{4})\n- Date: \d{4}-\d{2}-\d{2}\n/);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, name]) => name)).toEqual(SECTIONS);
    expect(text).toContain('## Decision\n\nWe will ');
    expect(text).toMatch(/^- Good: /m);
    expect(text).toMatch(/^- Bad: /m);
    expect(text.split('\n').length).toBeLessThanOrEqual(ONE_PAGE);
  });

  it('names what checks it', () => {
    const [, checked = ''] = text.split('## Checked by');
    expect(codeIn(checked).length).toBeGreaterThan(0);
  });
});

it('every decision that code or configuration cites exists', () => {
  const files = [...filesBelow('src'), ...filesBelow('test'), 'eslint.config.mjs', '.dependency-cruiser.cjs'];
  const cited = files.flatMap((file) =>
    [...textOf(file).matchAll(/docs\/adr\/(\d{4})/g)].map(([, number = '']) => number),
  );
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter((number) => !DECISIONS.some((file) => numberOf(file) === number))).toEqual([]);
});
