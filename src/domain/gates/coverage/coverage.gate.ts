import type { JsonObject } from '../../json';
import type { CoveragePolicy } from '../../policy/project-policy';
import { fail, pass } from '../gate';
import { allPaths, citedOf, reportGate } from '../report-gate';
import { figuresIn, figuresWithout, passText } from './coverage-evidence';
import { brokenRules, ruleLine, type CoverageFigures, type CoverageThresholds } from './figures';

/** What check_coverage asks of a report; evidence cites it. */
export function askedOfCoverage({ floor, tolerance, changedLines, format, sources }: CoveragePolicy): JsonObject {
  return { changedLines, floor, format, sources: [...sources], tolerance };
}

/**
 * check_coverage: enough of all lines of the candidate is covered, not much less than on main, and enough of the lines that the change
 * brings. The figures of the evidence are judged here, so that the verdict can be taken again from the log.
 */
export const coverageGate = reportGate({
  gate: 'check_coverage',
  version: 2,
  policy: ({ coverage }) => coverage,
  asked: askedOfCoverage,
  judge: (evidence) => {
    const figures = figuresIn(evidence);
    const asked = thresholdsIn(evidence);
    if (!figures || !asked || !isWhole(figures, asked)) return null;
    const broken = brokenRules(figures, asked);
    const cited = citedOf(evidence, 'base', 'changed', 'main', 'total');
    if (broken.length === 0) return pass({ ...cited, says: passText(figures) });
    const { seen = [], output = null } = evidence;
    const what = `coverage, ${broken.map((rule) => ruleLine(rule, figures, asked)).join('; ')}`;
    // What is wanting in all of the lines is no matter of some files.
    const isOfFiles = broken.every((rule) => rule === 'changed lines');
    return fail(what, { ...cited, broken: [...broken], seen, output }, isOfFiles ? allPaths(evidence) : []);
  },
  isMetWithout: (evidence, waived) => {
    const figures = figuresWithout(evidence, waived);
    const asked = thresholdsIn(evidence);
    if (!figures || !asked) return allPaths(evidence).every((path) => waived.has(path));
    return brokenRules(figures, asked).length === 0;
  },
});

/** Whether there is a figure for everything that is asked. */
function isWhole({ main, changed }: CoverageFigures, { tolerance, changedLines }: CoverageThresholds): boolean {
  return (tolerance === null || main !== null) && (changedLines === null || changed !== null);
}

function thresholdsIn({ asked }: JsonObject): CoverageThresholds | null {
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return null;
  const { floor, tolerance, changedLines } = asked as JsonObject;
  return isAsked(floor) && isAsked(tolerance) && isAsked(changedLines) ? { floor, tolerance, changedLines } : null;
}

function isAsked(value: JsonObject[string] | undefined): value is number | null {
  return value === null || typeof value === 'number';
}
