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
  const mapped = new Map<string, MappedFile>();
  const foreign: string[] = [];
  for (const file of files) {
    const path = placeIn(commit, folder, file);
    if (path === null) foreign.push(file.paths[0] ?? '');
    else mapped.set(path, joined(mapped.get(path), file));
  }
  return { files: mapped, foreign };
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

function joined(before: MappedFile | undefined, { covered, coverable, lines }: ReportedFile): MappedFile {
  if (!before) return { covered, coverable, lines };
  if (before.lines && lines) {
    const merged = mergedLines(before.lines, lines);
    return { ...figureOf(merged), lines: merged };
  }
  // Without lines nobody knows which are the same: the smaller claim counts.
  return before.covered * coverable <= covered * before.coverable ? before : { covered, coverable, lines };
}
