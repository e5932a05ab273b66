import { plainLine } from '../../staging/plain-text';
import type { Failure } from '../task.state';

/** Enough to recognise what is meant; all of them are in the events. */
export const MOST_LISTED = 4;
/** Of a conflict, where nothing else is in the cell. */
export const MOST_PATHS = 12;
/** Reasons whose own words say what was seen; behind any other stands what somebody said. */
const SAYS_ALL: ReadonlySet<string> = new Set(['timeout', 'timeout_starved']);
/** Git puts the folder in front, whose name may be long, and what matters behind it. */
const PHRASE_CHARS = 300;

/** The first of a list, and how many are left out: a list that is cut never looks whole. */
export function listed(all: readonly string[], most = MOST_LISTED): readonly string[] {
  return ofCount(all.slice(0, most), all.length);
}

/** As `listed`, of a list of which only the first are there. */
export function ofCount(first: readonly string[], count: number): readonly string[] {
  return count > first.length ? [...first, `and ${count - first.length} more`] : first;
}

/** What was seen or said first, in one line; null where nothing was. */
export function firstSeen(evidence: readonly string[]): string | null {
  return evidence.map((text) => plainLine(text, PHRASE_CHARS)).find((line) => line !== '') ?? null;
}

/** The paths of a conflict in a sentence. */
export function pathsText(paths: readonly string[], most = MOST_LISTED): string {
  return listed(paths, most)
    .map((path) => plainLine(path, PHRASE_CHARS))
    .join(', ');
}

/** What goes between the cause and its figures: ` in a.ts, b.ts`. Empty where the cause says it all. */
export function whereSeen({ class: kind, reason, evidence }: Failure): string {
  return kind === 'conflict' && reason === 'conflict' && evidence.length > 0
    ? ` in ${pathsText(evidence, Infinity)}`
    : '';
}

/** What goes behind the figures: `: git fetch in /srv/web.git: fatal: …`. */
export function whatWasSeen(failure: Failure): string {
  if (SAYS_ALL.has(failure.reason) || whereSeen(failure) !== '') return '';
  const seen = firstSeen(failure.evidence);
  return seen === null ? '' : `: ${seen}`;
}
