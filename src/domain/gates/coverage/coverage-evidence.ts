import type { JsonObject, JsonValue } from '../../json';
import { plainLine } from '../../staging/plain-text';
import type { UncoveredLines } from './changed-lines';
import {
  brokenRules,
  figureText,
  ruleLine,
  type CoverageFigures,
  type CoverageThresholds,
  type Figure,
} from './figures';
import type { CoverageOutcome } from './coverage-outcome';

/** Files that an event names: an override for paths needs all of them. */
const MOST_PATHS = 50;
const MOST_UNCOVERED = 20;
const MOST_NAMED = 10;
const PATH_CHARS = 200;
const RANGES_CHARS = 160;

/** What the event keeps of it: bounded, and counted where it is cut. */
export function coverageFacts(outcome: CoverageOutcome): JsonObject {
  const { figures, format, fileCount, foreign, missing, uncovered } = outcome;
  return {
    changed: figures.changed && jsonOf(figures.changed),
    files: fileCount,
    foreign: foreign.length,
    format,
    main: figures.main && jsonOf(figures.main),
    missing: missing.slice(0, MOST_NAMED).map((path) => plainLine(path, PATH_CHARS)),
    missingCount: missing.length,
    pathCount: uncovered.length,
    paths: uncovered.slice(0, MOST_PATHS).map(({ path }) => path),
    pathFigures: uncovered.slice(0, MOST_PATHS).map(({ figure }) => jsonOf(figure)),
    total: jsonOf(figures.total),
    uncovered: uncovered.slice(0, MOST_UNCOVERED).map(uncoveredLine),
  };
}

/** The figures of evidence; null where it is none, which only an odd log has. */
export function figuresIn({ total, main, changed }: JsonObject): CoverageFigures | null {
  const all = figureIn(total);
  if (!all || main === undefined || changed === undefined) return null;
  const [ofMain, ofChanged] = [figureIn(main), figureIn(changed)];
  if ((main !== null && !ofMain) || (changed !== null && !ofChanged)) return null;
  return { total: all, main: ofMain, changed: ofChanged };
}

/**
 * The same figures without the changed lines of some of the files that the evidence names: nobody asks for those.
 * Null where it does not have theirs, as evidence of earlier versions.
 */
export function figuresWithout(evidence: JsonObject, waived: ReadonlySet<string>): CoverageFigures | null {
  const figures = figuresIn(evidence);
  const { paths, pathFigures } = evidence;
  if (!figures?.changed || !Array.isArray(paths) || !Array.isArray(pathFigures)) return null;
  let { covered, coverable } = figures.changed;
  for (const [index, path] of paths.entries()) {
    if (typeof path !== 'string' || !waived.has(path)) continue;
    const out = figureIn((pathFigures as readonly JsonValue[])[index]);
    if (!out) return null;
    covered -= out.covered;
    coverable -= out.coverable;
  }
  return { ...figures, changed: { covered, coverable } };
}

/** What speaks against the change, a line each: the rules first, then the lines that no test executes. */
export function seenLines(
  { figures, uncovered }: CoverageOutcome,
  asked: CoverageThresholds,
  most: number,
): readonly string[] {
  const broken = brokenRules(figures, asked);
  const files = broken.includes('changed lines') ? uncovered.map(uncoveredLine) : [];
  return [...broken.map((rule) => ruleLine(rule, figures, asked)), ...files].slice(0, most);
}

/** `85.0 % of all lines (17 of 20), changed lines 100.0 % (3 of 3)`. */
export function passText({ total, changed }: CoverageFigures): string {
  const ofChange = changed ? `, changed lines: ${figureText(changed)}` : '';
  return total.coverable === 0
    ? 'there is no line that a test could cover'
    : `all lines: ${figureText(total)}${ofChange}`;
}

/** `src/a.js: not covered: 3-5, 9`. */
export function uncoveredLine({ path, lines }: Pick<UncoveredLines, 'path' | 'lines'>): string {
  return `${plainLine(path, PATH_CHARS)}: not covered: ${rangesText(lines, RANGES_CHARS)}`;
}

/** `3-5, 9`; cut between stretches, with the number of lines that are left out. */
export function rangesText(lines: readonly number[], maxChars: number): string {
  const stretches: [number, number][] = [];
  for (const line of lines) {
    const last = stretches.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else stretches.push([line, line]);
  }
  let text = '';
  let told = 0;
  for (const [first, last] of stretches) {
    const next = `${text === '' ? '' : ', '}${first === last ? first : `${first}-${last}`}`;
    if (text.length + next.length > maxChars) return `${text} and ${lines.length - told} lines more`;
    text += next;
    told += last - first + 1;
  }
  return text;
}

function jsonOf({ covered, coverable }: Figure): JsonObject {
  return { coverable, covered };
}

function figureIn(value: JsonObject[string] | undefined): Figure | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { covered, coverable } = value as JsonObject;
  if (!isCount(covered) || !isCount(coverable) || covered > coverable) return null;
  return { covered, coverable };
}

function isCount(value: JsonObject[string] | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
