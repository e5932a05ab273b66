import type { NamedTest } from './test-report';
import type { TestsOfRun } from './test-counts';

/** What a run has not executed that main's last run of the same suite did. */
export interface TestComparison {
  /** Main's run. */
  readonly runId: string;
  /** What it executed. */
  readonly before: number;
  readonly vanished: number;
  readonly newlySkipped: number;
  /** The same test of another class or file. */
  readonly moved: number;
  /** The first of them: `gone: Web > a`, `skipped: Web > b`. Empty where only numbers are known. */
  readonly names: readonly string[];
}

/** Tests by their names: whether they were executed. */
export type TestNames = ReadonlyMap<string, 'run' | 'skipped'>;

/** Of a list that an event keeps; all of them are in the lists that are compared. */
const MOST_LISTED = 20;

/** What the names of a run are kept as: the same tests give the same text, whatever they took and in whatever order they ran. */
export function namesText(tests: readonly NamedTest[]): string {
  const lines = tests.map(({ name, state }) => `${state === 'skipped' ? '-' : '+'} ${name}`);
  return `${[...new Set(lines)].sort().join('\n')}\n`;
}

/** A test that stands twice counts as executed where one of them was. */
export function namesIn(text: string): TestNames {
  const names = new Map<string, 'run' | 'skipped'>();
  for (const line of text.split('\n')) {
    const name = line.slice(2);
    if (line.startsWith('+ ')) names.set(name, 'run');
    else if (line.startsWith('- ') && !names.has(name)) names.set(name, 'skipped');
  }
  return names;
}

/** By names. A test that is gone and stands under another class or file, once each, has moved there. */
export function comparedByName(runId: string, before: TestNames, now: TestNames): TestComparison {
  const ran = [...before].filter(([, state]) => state === 'run').map(([name]) => name);
  const gone = ran.filter((name) => !now.has(name));
  const skipped = ran.filter((name) => now.get(name) === 'skipped');
  const fresh = countsOf(
    [...now].filter(([name, state]) => state === 'run' && !before.has(name)).map(([name]) => name),
  );
  const old = countsOf(gone);
  const isMoved = (name: string) => fresh.get(titleOf(name)) === 1 && old.get(titleOf(name)) === 1;
  const vanished = gone.filter((name) => !isMoved(name));
  const names = [...vanished.map((name) => `gone: ${name}`), ...skipped.map((name) => `skipped: ${name}`)];
  return {
    runId,
    before: ran.length,
    vanished: vanished.length,
    newlySkipped: skipped.length,
    moved: gone.length - vanished.length,
    names: names.slice(0, MOST_LISTED),
  };
}

/** By numbers, where both runs were counted by the same rules; null where they were not, and nothing can be said. */
export function comparedByCount(runId: string, before: TestsOfRun, now: TestsOfRun): TestComparison | null {
  if (before.how !== now.how || before.rules.join() !== now.rules.join()) return null;
  const newlySkipped = Math.max(0, Math.min(now.skipped - before.skipped, before.executed - now.executed));
  const vanished = Math.max(0, before.executed - now.executed - newlySkipped);
  return { runId, before: before.executed, vanished, newlySkipped, moved: 0, names: [] };
}

/** Beside a run of which nothing says what it executed: all that main ran may be gone. */
export function comparedToNothing(runId: string, { executed: before }: TestsOfRun): TestComparison {
  return { runId, before, vanished: before, newlySkipped: 0, moved: 0, names: [] };
}

/** `5 of 40 tests of main are gone, 1 is skipped: gone: Web > a, …`; null where nothing is missing. */
export function comparisonText({ runId, before, vanished, newlySkipped, moved, names }: TestComparison): string | null {
  if (vanished + newlySkipped === 0) return null;
  const listed = names.length < vanished + newlySkipped ? [...names, '…'] : names;
  const more = moved > 0 ? `, ${moved} moved` : '';
  const which = names.length > 0 ? `: ${listed.join(', ')}` : '';
  return `of ${before} tests that main's run ${runId} executed ${vanished} vanished and ${newlySkipped} are skipped now${more}${which}`;
}

function titleOf(name: string): string {
  return name.slice(name.lastIndexOf(' > ') + 1);
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(titleOf(name), (counts.get(titleOf(name)) ?? 0) + 1);
  return counts;
}
