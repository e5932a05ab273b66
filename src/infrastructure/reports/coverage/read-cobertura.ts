import type { CoverageReport } from '../../../domain/gates/coverage/coverage-report';
import { Malformed } from '../malformed';
import { FileLines, mustBeWithin, seen, wholeIn } from './file-lines';
import { walkXml, type Element } from './walk-xml';

/** A class, while it is read. */
interface Open {
  readonly lines: Map<number, boolean>;
  readonly ofMethods: { readonly number: string; readonly hits: string }[];
  hasOwn: boolean;
}

const AT = () => 'line';

/**
 * Cobertura's XML, as many tools write it. A file has the lines of all of its classes. Those of methods count only where the class has
 * none of its own: elsewhere they are the same once more, or where a method begins. A file's name counts from one of the
 * `<source>` folders, or from the root.
 */
export function readCobertura(text: string): CoverageReport {
  const files = new FileLines();
  const sources: string[] = [];
  let said = '';
  let open: Open | null = null;
  walkXml(text, {
    begin: (element, above) => {
      const { name, attributes } = element;
      if (above.length === 0) mustBePlausible(element);
      if (name === 'source') said = '';
      if (name === 'class')
        open = { lines: files.linesOf(pathsOf(attributes['filename'], sources)), ofMethods: [], hasOwn: false };
      if (name === 'line') takeLine(files, open, attributes, above);
    },
    end: ({ name }) => {
      if (name === 'source' && said.trim() !== '') sources.push(withoutSlashAtEnd(said.trim()));
      if (name !== 'class' || !open) return;
      const { lines, ofMethods, hasOwn } = open;
      if (!hasOwn) for (const line of ofMethods) files.hit(lines, { ...line, at: AT });
      open = null;
    },
    text: (part, within) => {
      if (within?.name === 'source') said += part;
    },
  });
  return files.report('cobertura');
}

function takeLine(
  files: FileLines,
  open: Open | null,
  { number = '', hits = '' }: Element['attributes'],
  above: readonly Element[],
): void {
  if (!open) throw new Malformed('line: expected it within a class, saw it outside');
  if (above.some(({ name }) => name === 'method')) {
    open.ofMethods.push({ number, hits });
    return;
  }
  open.hasOwn = true;
  files.hit(open.lines, { number, hits, at: AT });
}

const MOST_SOURCES = 100;

/** All places where the file may lie; where none of them is a file of the commit, it is not known there. */
function pathsOf(filename: string | undefined, sources: readonly string[]): readonly string[] {
  if (!filename) throw new Malformed(`class: expected a filename, saw ${seen(filename)}`);
  if (sources.length > MOST_SOURCES) throw new Malformed(`source: expected at most ${MOST_SOURCES}, saw more`);
  if (filename.startsWith('/')) return [filename];
  return [...new Set([...sources.map((source) => `${source}/${filename}`), filename])];
}

/** No pattern does it: on a path of nothing but slashes it would begin anew at each of them. */
function withoutSlashAtEnd(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Rates and totals decide nothing; impossible ones say that the tool has failed. */
function mustBePlausible({ name, attributes }: Element): void {
  if (name !== 'coverage') throw new Malformed(`expected the element coverage, saw ${seen(name)}`);
  const { 'line-rate': rate, 'lines-covered': covered, 'lines-valid': valid } = attributes;
  // Without lines some tools divide by nothing.
  const isNothing = valid !== undefined && /^0+$/.test(valid);
  if (rate !== undefined && !isNothing && !(Number(rate) >= 0 && Number(rate) <= 1 && rate.trim() !== ''))
    throw new Malformed(`line-rate: expected a number from 0 to 1, saw ${seen(rate)}`);
  if (covered !== undefined && valid !== undefined)
    mustBeWithin(wholeIn(covered, 'lines-covered'), wholeIn(valid, 'lines-valid'), 'lines-covered');
}
