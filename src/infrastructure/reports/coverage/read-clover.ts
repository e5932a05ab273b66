import type { CoverageReport } from '../../../domain/gates/coverage/coverage-report';
import { Malformed } from '../malformed';
import { FileLines, mustBeWithin, seen, wholeIn } from './file-lines';
import { walkXml, type Element } from './walk-xml';

/** What a line is there for; where a method begins nothing is executed. */
const EXECUTED = new Set(['stmt', 'cond']);

/** Clover's XML, as Istanbul and PHPUnit write it too. Tests, in `<testproject>`, are left out. */
export function readClover(text: string): CoverageReport {
  const files = new FileLines();
  let lines: Map<number, boolean> | null = null;
  let isTests = false;
  walkXml(text, {
    begin: (element, above) => {
      const { name, attributes } = element;
      if (above.length === 0 && name !== 'coverage')
        throw new Malformed(`expected the element coverage, saw ${seen(name)}`);
      if (name === 'testproject') isTests = true;
      if (isTests) return;
      if (name === 'metrics') mustBePlausible(element);
      if (name === 'file') lines = files.linesOf([pathOf(element)]);
      if (name !== 'line' || !EXECUTED.has(attributes['type'] ?? '')) return;
      if (!lines) throw new Malformed('line: expected it within a file, saw it outside');
      files.hit(lines, { number: attributes['num'] ?? '', hits: hitsOf(element), at: () => 'line' });
    },
    end: ({ name }) => {
      if (name === 'testproject') isTests = false;
      if (name === 'file') lines = null;
    },
  });
  return files.report('clover');
}

/** The name is a path with some tools, and only the end of one with others. */
function pathOf({ attributes: { path, name } }: Element): string {
  const found = path !== undefined && path !== '' ? path : name;
  if (found === undefined || found === '') throw new Malformed('file: expected a path or a name, saw none');
  return found;
}

/** A condition without a count was executed when either of its ways was. */
function hitsOf({ attributes: { count, truecount, falsecount } }: Element): string {
  if (count !== undefined || truecount === undefined) return count ?? '';
  return wholeIn(truecount, 'truecount') + wholeIn(falsecount, 'falsecount') > 0 ? '1' : '0';
}

const COUNTED = ['statements', 'conditionals', 'methods', 'elements'] as const;

function mustBePlausible({ attributes }: Element): void {
  for (const what of COUNTED) {
    const [all, covered] = [attributes[what], attributes[`covered${what}`]];
    if (all !== undefined && covered !== undefined)
      mustBeWithin(wholeIn(covered, `covered${what}`), wholeIn(all, what), `covered${what}`);
  }
}
