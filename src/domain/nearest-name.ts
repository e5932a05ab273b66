/** Farther apart than this share of their length, two names are no slip of the same hand. */
const MOST_SLIPS = 0.4;
const SHORTEST_BEGINNING = 3;

/** @returns `; did you mean X?` for the known name that is closest to `name`, or nothing when none is close. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}

export function nearestName(name: string, known: readonly string[]): string | null {
  let best: { name: string; slips: number } | null = null;
  for (const candidate of known) {
    const slips = distance(name.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) * MOST_SLIPS));
    if ((slips <= allowed || isBeginning(name, candidate)) && (best === null || slips < best.slips))
      best = { name: candidate, slips };
  }
  return best?.name ?? null;
}

/** `time` for `timeout`. */
function isBeginning(name: string, candidate: string): boolean {
  return name.length >= SHORTEST_BEGINNING && candidate.startsWith(name);
}

/** Levenshtein: insertions, deletions and replacements from one text to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, a] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [column, b] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (a === b ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
