import { matchesGlobs } from '../../globs';
import type { ChangedFile } from './coverage-report';
import type { Figure } from './figures';
import type { Mapped, MappedFile } from './mapping';

export interface UncoveredLines {
  readonly path: string;
  /** In order. */
  readonly lines: readonly number[];
  /** Of all changed lines of the file that could be covered, these among them. */
  readonly figure: Figure;
}

/** What a report says of the lines that a change brings. */
export interface ChangedCoverage {
  readonly figure: Figure;
  readonly uncovered: readonly UncoveredLines[];
}

/** Which files of a change the report has to know. */
export interface ChangedSources {
  readonly known: readonly ChangedFile[];
  readonly missing: readonly ChangedFile[];
}

const ALL_LINES: ChangedFile['stretches'] = [[1, Number.MAX_SAFE_INTEGER]];

/** Folders and names that tests have by custom, in many languages. Tests are seldom measured themselves. */
const TEST_FOLDERS = new Set([
  'test',
  'tests',
  '__tests__',
  '__mocks__',
  'spec',
  'specs',
  'e2e',
  'testdata',
  'fixtures',
]);
const TEST_NAME = /^(?:test_.*|conftest\.py|.*(?:[._-](?:test|tests|spec)|Tests?|_test)\.[^.]+)$/;
/** Declarations, and the settings of tools: nothing of them is executed by a test. */
const NO_CODE = /\.d\.[cm]?ts$|(?:^|\/)(?:[^/]+\.config|\.[^/]+)\.[^./]+$/;

/**
 * The files of a change that its report should have. With `sources` they are those that it names; else those whose ending the
 * report knows and that are no test, declaration or setting by their name.
 */
export function changedSources(
  changed: readonly ChangedFile[],
  { files }: Mapped,
  sources: readonly string[],
): ChangedSources {
  const endings = new Set([...files.keys()].map(endingOf));
  const isSource = ({ path }: ChangedFile) =>
    files.has(path) || (sources.length > 0 ? matchesGlobs(path, sources) : endings.has(endingOf(path)) && isCode(path));
  // What tests need not have executed at its old place is new where it counts.
  const countedBefore = (from: string, path: string) =>
    sources.length > 0 ? matchesGlobs(from, sources) : endings.has(endingOf(from)) && (isCode(from) || !isCode(path));
  const judged = changed.map((file) => {
    const { path, movedFrom, lineCount } = file;
    const wasCounted = movedFrom === undefined || countedBefore(movedFrom, path);
    return wasCounted || lineCount === 0 ? file : { ...file, stretches: ALL_LINES };
  });
  const wanted = judged.filter((file) => file.stretches.length > 0 && isSource(file));
  return {
    known: wanted.filter(({ path }) => files.has(path)),
    missing: wanted.filter(({ path }) => !files.has(path)),
  };
}

/** At most one in ten is unknown. */
export function isMapped({ known, missing }: ChangedSources): boolean {
  return known.length * 10 >= (known.length + missing.length) * 9;
}

/** @returns null where the report has no lines. */
export function changedCoverage({ known }: ChangedSources, { files }: Mapped): ChangedCoverage | null {
  let covered = 0;
  let coverable = 0;
  const uncovered: UncoveredLines[] = [];
  for (const { path, stretches } of known) {
    const { lines } = files.get(path) as MappedFile;
    if (lines === null) return null;
    const changed = linesWithin([...lines.keys()], stretches);
    const open = changed.filter((line) => lines.get(line) === false);
    const figure = { covered: changed.length - open.length, coverable: changed.length };
    coverable += figure.coverable;
    covered += figure.covered;
    if (open.length > 0) uncovered.push({ path, lines: open, figure });
  }
  return { figure: { covered, coverable }, uncovered };
}

/** A file of the report that has lines behind the end of the commit's file: it is about another commit. */
export function fileOfAnotherCommit({ known }: ChangedSources, { files }: Mapped): string | null {
  const found = known.find(({ path, lineCount }) => {
    if (lineCount === null) return false;
    // Some tools count what stands behind the last line end.
    return [...(files.get(path)?.lines?.keys() ?? [])].some((line) => line > lineCount + 1);
  });
  return found?.path ?? null;
}

/** Both in order, side by side: there may be very many of each. */
function linesWithin(lines: readonly number[], stretches: ChangedFile['stretches']): readonly number[] {
  let at = 0;
  return [...lines]
    .sort((a, b) => a - b)
    .filter((line) => {
      while (at < stretches.length && (stretches[at]?.[1] ?? 0) < line) at += 1;
      return line >= (stretches[at]?.[0] ?? Infinity);
    });
}

function endingOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const at = name.lastIndexOf('.');
  return at <= 0 ? name : name.slice(at);
}

function isCode(path: string): boolean {
  const names = path.split('/');
  const [name = ''] = names.splice(-1);
  return !names.some((folder) => TEST_FOLDERS.has(folder)) && !TEST_NAME.test(name) && !NO_CODE.test(path);
}
