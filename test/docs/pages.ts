import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

/** `UPDATE_GENERATED=1 npx jest test/docs` writes what the tests of this folder otherwise compare. */
const UPDATES = process.env['UPDATE_GENERATED'] === '1';

/** Every Markdown page of the project, by its path from the root. */
export function pages(): readonly string[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...filesBelow('docs').filter((name) => name.endsWith('.md'))].sort();
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** All TypeScript of the product, as one text. */
export function sources(): string {
  return filesBelow('src').map(textOf).join('\n');
}

/** The part of a page between its markers has to be what the code says; `UPDATE_GENERATED=1` makes it so. */
export function expectGeneratedPart(path: string, name: string, generated: string): void {
  const page = textOf(path);
  const start = `<!-- generated: ${name} -->\n`;
  const end = '\n<!-- end of generated part -->';
  expect(page).toContain(start);
  const from = page.indexOf(start) + start.length;
  // An empty part has no line break of its own.
  const to = page.indexOf(end, from - 1);
  if (UPDATES) writeFileSync(join(ROOT, path), `${page.slice(0, from)}${generated}${page.slice(to)}`);
  else expect(page.slice(from, to)).toBe(generated);
}

/** A Markdown table; a bar within a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Cells of the tables below a heading, up to the next heading; without their heads. */
export function rowsUnder(path: string, heading: string): readonly (readonly string[])[] {
  const lines = textOf(path).split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from < 0) throw new Error(`${path} has no heading ${JSON.stringify(heading)}`);
  const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line));
  const section = lines.slice(from + 1, length < 0 ? undefined : from + 1 + length);
  const isRule = (line: string | undefined) => /^\|[ :|-]+\|$/.test(line ?? '');
  return section
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(section[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** What a text has in backquotes. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
