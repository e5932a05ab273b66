import type { FileChange, Hunk } from './landed-changes';
import { isFormatting, significant, standsIn, withoutImports } from './significant-lines';
import { stepsBack } from './steps-back';
import { isMoved, linesOf, type Past, type Undone } from './undone';

/** What landed before the branch was cut may have been changed back on purpose: so many lines make it unlikely that nobody says so. */
const LINES_TO_BE_SURE = 3;
/** As many lines around a fix have to be found elsewhere before they count as moved. */
const LINES_AROUND = 3;
const LOCK_FILE =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|packages\.lock\.json|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock)$/;

/** Of a file that the candidate edits or moves away: which of its landed lines are as they were before. */
export function lostLines(change: FileChange, past: readonly Past[], putIn: ReadonlySet<string>): readonly Undone[] {
  const { before, after, hunks } = change;
  if (!before || !hunks || LOCK_FILE.test(before.path)) return [];
  const now = nowOf(hunks);
  const inSteps = stepsBack(now.hunks, past, putIn);
  return past.flatMap((each) => {
    const landed = (each.change.hunks ?? []).filter((hunk) => !isFormatting(hunk));
    const undone = landed.filter((hunk) => after && isTurnedRound(hunk, now, putIn));
    const steps = landed.filter((hunk) => after && !undone.includes(hunk) && inSteps.has(hunk));
    const leftBehind = landed.filter((hunk) => isLeftBehind(hunk, now, putIn));
    const all = new Set([...undone, ...steps, ...leftBehind]);
    if (all.size === 0) return [];
    const lines = linesOf([...all].map(({ removed, added }) => ({ removed: added, added: removed })));
    // Of a step the whole way counts: code that has landed in several steps and goes now is only gone.
    const isWeak = ![...undone, ...steps.map((hunk) => inSteps.get(hunk) ?? hunk)].some(isSure);
    return [
      {
        rule: 'lost-lines',
        path: (after ?? before).path,
        mainPath: before.path,
        commits: [each.commit.oid],
        lines,
        isWeak,
      },
    ];
  });
}

/** What the candidate does to one file, in lines that say something. */
interface Now {
  readonly hunks: readonly Hunk[];
  /** Which hunks take a line out: few of them have to be compared with what has landed. */
  readonly gone: ReadonlyMap<string, readonly Hunk[]>;
  /** Which hunks put a line in. */
  readonly back: ReadonlyMap<string, readonly Hunk[]>;
}

function nowOf(hunks: readonly Hunk[]): Now {
  // The same edit at many places is looked at once.
  const said = new Map(
    hunks.map(({ removed, added }) => {
      const hunk = { removed: significant(removed), added: significant(added) };
      return [`${hunk.removed.join('\n')}\0${hunk.added.join('\n')}`, hunk];
    }),
  );
  const each = [...said.values()];
  return {
    hunks: each,
    gone: byLine(each, ({ removed }) => removed),
    back: byLine(each, ({ added }) => added),
  };
}

function byLine(hunks: readonly Hunk[], of: (hunk: Hunk) => readonly string[]): ReadonlyMap<string, readonly Hunk[]> {
  const found = new Map<string, Hunk[]>();
  for (const hunk of hunks)
    for (const line of new Set(of(hunk))) {
      const known = found.get(line);
      if (known) known.push(hunk);
      else found.set(line, [hunk]);
    }
  return found;
}

/** Whether the candidate takes out what the hunk has put in, and puts in what it has taken out. */
function isTurnedRound(hunk: Hunk, now: Now, putIn: ReadonlySet<string>): boolean {
  const [removed, added] = [significant(hunk.removed), significant(hunk.added)];
  if (removed.length + added.length === 0 || isMoved(added, putIn)) return false;
  if (!added.every((line) => now.gone.has(line)) || !removed.every((line) => now.back.has(line))) return false;
  return fewest([...added.map((line) => now.gone.get(line)), ...removed.map((line) => now.back.get(line))]).some(
    (each) =>
      standsIn(added, each.removed) &&
      standsIn(removed, each.added) &&
      // Other lines in their place are an edit that goes on from there.
      (removed.length > 0 || each.added.length === 0) &&
      (added.length > 0 || each.removed.length === 0),
  );
}

/** Whether the candidate has moved the lines around what the hunk has put in to another place, without it. */
function isLeftBehind(hunk: Hunk, now: Now, putIn: ReadonlySet<string>): boolean {
  const [removed, added] = [significant(hunk.removed), significant(hunk.added)];
  if (added.length === 0 || !added.every((line) => now.gone.has(line) && !putIn.has(line))) return false;
  if (!removed.every((line) => putIn.has(line))) return false;
  return fewest(added.map((line) => now.gone.get(line))).some((each) => {
    const around = each.removed.filter((line) => !added.includes(line));
    return standsIn(added, each.removed) && around.length >= LINES_AROUND && isMoved(around, putIn);
  });
}

function fewest(lists: readonly (readonly Hunk[] | undefined)[]): readonly Hunk[] {
  return lists.reduce<readonly Hunk[]>(
    (least, list = []) => (list.length < least.length ? list : least),
    lists[0] ?? [],
  );
}

function isSure({ removed, added }: Hunk): boolean {
  const [out, into] = [removed, added].map((lines) => withoutImports(significant(lines)).length) as [number, number];
  return out > 0 && into > 0 && out + into >= LINES_TO_BE_SURE;
}
