import type { CoverageFormat, CoverageReport, ReportedFile } from '../../../domain/gates/coverage/coverage-report';
import { figureOf } from '../../../domain/gates/coverage/coverage-report';
import { Malformed } from '../malformed';

const MOST_FILES = 100_000;
/** Of all files of a report together. */
const MOST_LINES = 2_000_000;
/** Characters of all paths together: each file has one below every folder that the report names. */
const MOST_PATH_CHARS = 32_000_000;
/** What a path costs beside its characters. */
const OF_A_PATH = 20;
/** Longer files are no sources. */
const MOST_LINE = 10_000_000;

const WHOLE = /^\d{1,15}$/;
const HITS = /^\d{1,30}$/;

/** Gathers the lines of the files of one report; what is told of a file more than once is put together. */
export class FileLines {
  private readonly files = new Map<
    string,
    { readonly paths: readonly string[]; readonly lines: Map<number, boolean> }
  >();
  private count = 0;
  private pathChars = 0;

  /** @param paths at least one, the likeliest first; the last one as the report has it, the others below folders that only become more. */
  linesOf(paths: readonly string[]): Map<number, boolean> {
    const key = `${paths.length} ${paths.at(-1) ?? ''}`;
    const known = this.files.get(key);
    if (known) return known.lines;
    if (this.files.size === MOST_FILES) throw new Malformed(`expected at most ${MOST_FILES} files, saw more`);
    this.pathChars += paths.reduce((sum, { length }) => sum + length + OF_A_PATH, 0);
    if (this.pathChars > MOST_PATH_CHARS)
      throw new Malformed(
        `expected paths of at most ${MOST_PATH_CHARS} characters, saw more: fewer sources, or shorter ones`,
      );
    const lines = new Map<number, boolean>();
    this.files.set(key, { paths, lines });
    return lines;
  }

  /** @param number and hits as the report spells them; `at` says where, when something is wrong. */
  hit(lines: Map<number, boolean>, { number, hits, at }: { number: string; hits: string; at: () => string }): void {
    const line = WHOLE.test(number) ? Number(number) : wholeIn(number, `${at()}: the number of a line`);
    if (line < 1 || line > MOST_LINE)
      throw new Malformed(`${at()}: expected a line from 1 to ${MOST_LINE}, saw ${line}`);
    // Hits may be more than a number can hold; only whether there are any is asked.
    if (!HITS.test(hits))
      throw new Malformed(`${at()}: the hits of line ${line}: expected a whole number, saw ${seen(hits)}`);
    this.count += 1;
    if (this.count > MOST_LINES) throw new Malformed(`expected at most ${MOST_LINES} lines, saw more`);
    lines.set(line, isAny(hits) || lines.get(line) === true);
  }

  report(format: CoverageFormat): CoverageReport {
    const files = [...this.files.values()].map(({ paths, lines }): ReportedFile => ({
      paths,
      lines,
      ...figureOf(lines),
    }));
    return reportOf(format, files);
  }
}

/** What names no file was not measured. */
export function reportOf(format: CoverageFormat, files: readonly ReportedFile[]): CoverageReport {
  if (files.length === 0) throw new Malformed('expected at least one file, saw none', 'nothing_measured');
  return { format, files };
}

/** @param text decimal digits and nothing else. */
export function wholeIn(text: string | undefined, at: string): number {
  const value = WHOLE.test(text ?? '') ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new Malformed(`${at}: expected a whole number, saw ${seen(text)}`);
}

/** @param hits decimal digits. */
export function isAny(hits: string): boolean {
  return /[1-9]/.test(hits);
}

/** @throws Malformed where a report claims to cover more than there is. */
export function mustBeWithin(covered: number, coverable: number, at: string): void {
  if (covered > coverable)
    throw new Malformed(`${at}: expected at most ${coverable} covered lines, as many as there are, saw ${covered}`);
}

export function seen(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 60));
}
