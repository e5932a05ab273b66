import type { Figure } from './figures';

/** Formats of coverage reports; `summary` is the `coverage-summary.json` of Istanbul. */
export const COVERAGE_FORMATS = ['lcov', 'cobertura', 'clover', 'summary'] as const;
export type CoverageFormat = (typeof COVERAGE_FORMATS)[number];

/** By line, from 1 on: whether it was covered. Lines that cannot be are not in it. */
export type LineHits = ReadonlyMap<number, boolean>;

export interface ReportedFile extends Figure {
  /** As the report has it; several where it leaves open below which folder the file lies, the likeliest first. */
  readonly paths: readonly string[];
  /** Null where the format has none. */
  readonly lines: LineHits | null;
}

/** What a coverage report says of one commit. Lines only: branches and functions are left out. */
export interface CoverageReport {
  readonly format: CoverageFormat;
  readonly files: readonly ReportedFile[];
}

/** Lines of one file that a change adds or alters. */
export interface ChangedFile {
  readonly path: string;
  /** Its path before, where it was moved. */
  readonly movedFrom?: string;
  /** The first line and the last one of each stretch, in order. */
  readonly stretches: readonly (readonly [first: number, last: number])[];
  /** Of the file as it is now; null where nobody has counted them. */
  readonly lineCount: number | null;
}

export function figureOf(lines: LineHits): Figure {
  let covered = 0;
  for (const isCovered of lines.values()) if (isCovered) covered += 1;
  return { covered, coverable: lines.size };
}

/** Covered is what any of them has covered: the same file, seen by another test or as another class. */
export function mergedLines(all: readonly LineHits[]): LineHits {
  const merged = new Map<number, boolean>();
  for (const lines of all)
    for (const [line, isCovered] of lines) merged.set(line, isCovered || merged.get(line) === true);
  return merged;
}
