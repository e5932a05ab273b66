import type { Landing, LandingFinding, UndoneCommit } from '../../domain/landings/landing';

export const SHORT_OID = 10;
const DAY_CHARS = 10;
/** Files below one undone commit; JSON has all of them. */
const MOST_FILES = 10;

/** What a landing undid: a line for it, one for each commit that it undid, and the files below. */
export function landingLines(landing: Landing, findings: readonly LandingFinding[]): readonly string[] {
  return [
    commitLine({ ...landing, at: landing.at ?? '' }),
    ...grouped(findings).flatMap(({ undone, files }) => [`  ${undoneText(undone)}`, ...fileLines(files)]),
  ];
}

export function dayOf(at: string | null): string {
  return at === null || at === '' ? 'no date' : at.slice(0, DAY_CHARS);
}

interface Group {
  readonly undone: readonly UndoneCommit[];
  readonly files: LandingFinding[];
}

/** Files of which the same commits are undone belong together. */
function grouped(findings: readonly LandingFinding[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const finding of findings) {
    const key = finding.undone.map(({ oid }) => oid).join();
    const group = groups.get(key) ?? { undone: finding.undone, files: [] };
    group.files.push(finding);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function undoneText(undone: readonly UndoneCommit[]): string {
  const [newest] = undone;
  if (!newest) return 'differs from what git makes of its two sides';
  return `undid ${commitLine(newest)}${undone.length > 1 ? `, and ${undone.length - 1} more commits` : ''}`;
}

function fileLines(files: readonly LandingFinding[]): readonly string[] {
  const shown = files.slice(0, MOST_FILES);
  const width = Math.max(...shown.map(({ rule }) => rule.length));
  const left = files.length - shown.length;
  return [
    ...shown.map(({ rule, path }) => `    ${rule.padEnd(width)}  ${path}`),
    ...(left > 0 ? [`    and ${left} more`] : []),
  ];
}

function commitLine({ oid, at, author, subject }: Pick<UndoneCommit, 'oid' | 'at' | 'author' | 'subject'>): string {
  return `${oid.slice(0, SHORT_OID)}  ${dayOf(at)}  ${author}: ${subject}`;
}
