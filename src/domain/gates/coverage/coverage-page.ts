import type { Oid, TaskId } from '../../ids';
import { codeSpan } from '../../quoting';
import type { CoverageOutcome } from './coverage-outcome';
import { rangesText } from './coverage-evidence';
import { brokenRules, figureText, ruleLine, type CoverageThresholds } from './figures';

/** Files, and characters of the lines of each; more than anybody repairs at once. */
const MOST_SHOWN = 500;
const RANGES_CHARS = 1_000;

/** What the coverage has against a change, for whoever has to repair it. The same data gives the same bytes. */
export function renderCoverage(
  { task, newOid, baseOid }: { readonly task: TaskId; readonly newOid: Oid; readonly baseOid: Oid },
  { figures, uncovered, missing }: CoverageOutcome,
  asked: CoverageThresholds,
): string {
  const { total, main, changed } = figures;
  const lines = [
    `# Coverage of ${task}`,
    '',
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    `- all lines: ${figureText(total)}`,
    ...(main ? [`- all lines of main: ${figureText(main)}`] : []),
    ...(changed ? [`- changed lines: ${figureText(changed)}`] : []),
    '',
    '## To repair',
    '',
    ...brokenRules(figures, asked).map((rule) => `- ${ruleLine(rule, figures, asked)}`),
    ...listed('## Changed lines that no test executes', uncovered, ({ path, lines: open }) => {
      return `- ${codeSpan(path)}: ${rangesText(open, RANGES_CHARS)}`;
    }),
    ...listed('## Changed files that the report does not have', missing, (path) => `- ${codeSpan(path)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function listed<T>(heading: string, all: readonly T[], itemOf: (one: T) => string): readonly string[] {
  if (all.length === 0) return [];
  const left = all.length - MOST_SHOWN;
  const items = all.slice(0, MOST_SHOWN).map(itemOf);
  return ['', heading, '', ...items, ...(left > 0 ? [`- and ${left} more, in the report itself`] : [])];
}
