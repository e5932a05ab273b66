import { figureOf, mergedLines, type CoverageReport, type LineHits, type ReportedFile } from './coverage-report';
import type { Figure } from './figures';

/** One file of the commit, and what the report says of it. */
export interface MappedFile extends Figure {
  readonly lines: LineHits | null;
}

export interface Mapped {
  /** By their paths in the repository. */
  readonly files: ReadonlyMap<string, MappedFile>;
  /** Of what the report has beside them: built files, other repositories, files that are gone. */
  readonly foreign: readonly string[];
}

/**
 * Finds the files of a report in a commit. Paths count from the root of the repository or, where more of them are found there, from a folder
 * on the way to the report: tools of a part of a repository know nothing of the rest.
 *
 * @param reportPath where the command leaves its report.
 */
export function mapReport({ files }: CoverageReport, commit: ReadonlySet<string>, reportPath: string): Mapped {
  const folders = foldersOf(reportPath);
  const hits = folders.map((folder) => files.filter((file) => placeIn(commit, folder, file) !== null).length);
  const folder = folders[hits.indexOf(Math.max(...hits))] ?? '';
  const told = new Map<string, [ReportedFile, ...ReportedFile[]]>();
  const foreign: string[] = [];
  for (const file of files) {
    const path = placeIn(commit, folder, file);
    const before = path === null ? undefined : told.get(path);
    if (path === null) foreign.push(file.paths[0] ?? '');
    else if (before) before.push(file);
    else told.set(path, [file]);
  }
  // Not one after the other as they come: of a file that is told of very often the lines would be copied as often.
  return { files: new Map([...told].map(([path, all]) => [path, together(all)])), foreign };
}

/** `['', 'packages', 'packages/a']` for `packages/a/lcov.info`. */
function foldersOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return ['', ...names.map((_, at) => names.slice(0, at + 1).join('/'))];
}

function placeIn(commit: ReadonlySet<string>, folder: string, { paths }: ReportedFile): string | null {
  const places = paths.map((path) => (path.startsWith('/') ? null : plain(folder === '' ? path : `${folder}/${path}`)));
  return places.find((place) => place !== null && commit.has(place)) ?? null;
}

/** Without detours; null for what leads out of the repository. */
function plain(path: string): string | null {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..' && names.pop() === undefined) return null;
    if (name !== '..' && name !== '.' && name !== '') names.push(name);
  }
  return names.join('/');
}

function together(all: readonly [ReportedFile, ...ReportedFile[]]): MappedFile {
  const { covered, coverable, lines } = all.reduce(smaller);
  if (all.length === 1 || lines === null) return { covered, coverable, lines };
  const merged = mergedLines(all.flatMap((file) => file.lines ?? []));
  return { ...figureOf(merged), lines: merged };
}

/** Without lines nobody knows which are the same: the smaller claim counts. */
function smaller(one: ReportedFile, other: ReportedFile): ReportedFile {
  return one.covered * other.coverable <= other.covered * one.coverable ? one : other;
}
