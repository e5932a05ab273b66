import type { Hunk } from './landed-changes';
import { significant } from './significant-lines';
import { isMoved, type Past } from './undone';

/** A hunk that has landed, in lines that say something. */
interface Step extends Hunk {
  readonly landed: Hunk;
  /** 0 for the newest. */
  readonly at: number;
}

/**
 * Hunks that changed in turn what the one before had put in, and that the candidate undoes together. None of them is turned round by itself:
 * the lines between were never there for the candidate to take out.
 *
 * @param hunks of the candidate, in lines that say something.
 * @returns for each the hunk of the candidate.
 */
export function stepsBack(
  hunks: readonly Hunk[],
  past: readonly Past[],
  putIn: ReadonlySet<string>,
): ReadonlyMap<Hunk, Hunk> {
  const steps = byFirstLine(past);
  const found = hunks.filter(({ removed }) => !isMoved(removed, putIn));
  return new Map(found.flatMap((hunk) => stepsOf(hunk, steps).map((landed) => [landed, hunk] as const)));
}

function byFirstLine(past: readonly Past[]): ReadonlyMap<string, readonly Step[]> {
  const found = new Map<string, Step[]>();
  const all = past.flatMap(({ change }) => change.hunks ?? []);
  for (const [at, landed] of all.entries()) {
    const step = { at, landed, removed: significant(landed.removed), added: significant(landed.added) };
    const [first] = step.added;
    if (first === undefined) continue;
    const known = found.get(first);
    if (known) known.push(step);
    else found.set(first, [step]);
  }
  return found;
}

/** From what the candidate takes out back to what it puts in; none where that is not the way that main has come. */
function stepsOf({ removed, added }: Hunk, known: ReadonlyMap<string, readonly Step[]>): readonly Hunk[] {
  const wanted = added.join('\n');
  const steps: Step[] = [];
  let lines = removed;
  for (let next = newest(lines, known, -1); next; next = newest(lines, known, next.step.at)) {
    lines = next.before;
    steps.push(next.step);
    if (steps.length > 1 && lines.join('\n') === wanted) return steps.map(({ landed }) => landed);
  }
  return [];
}

/** The newest step behind a place that put in lines which stand there, and the lines as they were before it. */
function newest(lines: readonly string[], known: ReadonlyMap<string, readonly Step[]>, behind: number) {
  let found: { readonly step: Step; readonly before: readonly string[] } | null = null;
  for (const [at, line] of lines.entries())
    for (const step of known.get(line) ?? []) {
      if (step.at <= behind || (found && step.at >= found.step.at)) continue;
      if (!step.added.every((each, index) => lines[at + index] === each)) continue;
      found = { step, before: [...lines.slice(0, at), ...step.removed, ...lines.slice(at + step.added.length)] };
      break;
    }
  return found;
}
