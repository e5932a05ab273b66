import type { CountRule, Member } from './count-rule';
import { ruleFor } from './count-rules';
import { NO_TAP, takeTapLine, tapCounts, TAP_RULE, type TapTally } from './tap-tally';
import { NO_TESTS, sumOf, type TestCounts, type TestsOfRun } from './test-counts';

/** What one summary has said so far. */
type Numbers = Readonly<Partial<Record<Member, number>>>;

interface OfRunner {
  /** Summaries that are complete, added up, and how many they were. */
  readonly sum: TestCounts;
  readonly blocks: number;
  /** Null: none has begun. A begun one that says nothing is none. */
  readonly open: Numbers | null;
  /** Whether some of it ran and does not say what: then a 0 of the rest is not all. */
  readonly isPartial?: true;
  readonly rules: readonly string[];
}

/** What has been counted in the lines of one stream. Its size depends on the number of runners alone. */
export interface Tally {
  readonly runners: Readonly<Record<string, OfRunner>>;
  readonly tap: TapTally;
}

export const NO_TALLY: Tally = { runners: {}, tap: NO_TAP };
const NOTHING_YET: OfRunner = { sum: NO_TESTS, blocks: 0, open: null, rules: [] };
const MEMBERS: readonly Member[] = ['passed', 'failed', 'skipped', 'total'];

/** @param line without its end, its colours and what nobody sees. */
export function takeLine(tally: Tally, line: string): Tally {
  const tap = takeTapLine(tally.tap, line);
  const rule = ruleFor(line);
  if (!rule) return tap === tally.tap ? tally : { ...tally, tap };
  const before = tally.runners[rule.runner] ?? NOTHING_YET;
  const after = taken(before, rule, line);
  if (after === before) return tally;
  const runners = { ...tally.runners, [rule.runner]: after };
  return { tap: rule.supersedes?.includes('tap') ? NO_TAP : tap, runners: without(runners, rule) };
}

/** All summaries of all streams, added up; null where none was found. */
export function testsIn(tallies: readonly Tally[]): TestsOfRun | null {
  const found = tallies.flatMap(({ runners }) => Object.values(runners).map(closed)).filter(saysEnough);
  const taps = tallies.map(({ tap }) => tapCounts(tap)).filter((counts) => counts !== null);
  const blocks = found.reduce((sum, each) => sum + each.blocks, taps.length);
  if (blocks === 0) return null;
  const rules = [...new Set([...found.flatMap((each) => each.rules), ...(taps.length > 0 ? [TAP_RULE] : [])])];
  const counts = sumOf([...found.map(({ sum }) => sum), ...taps]);
  return { ...counts, how: found.length === 0 ? 'tap' : 'text', blocks, rules: rules.sort(), isClaimed: true };
}

function saysEnough({ blocks, isPartial, sum }: OfRunner): boolean {
  return blocks > 0 && !(isPartial && sum.executed === 0);
}

function taken(before: OfRunner, rule: CountRule, line: string): OfRunner {
  if (rule.within && before.open === null) return before;
  const ready = rule.begins ? closed(before) : before;
  const isSaid = rule.alone === true && ready.open !== null;
  const said = isSaid ? {} : numbersOf(rule, line);
  const open = rule.restates ? said : added(ready.open ?? {}, said);
  const name = `${rule.id}@${rule.version}`;
  const rules = isSaid || ready.rules.includes(name) ? ready.rules : [...ready.rules, name];
  const after = { ...ready, open, rules };
  return rule.ends ? closed(after) : after;
}

function without(runners: Tally['runners'], { supersedes = [] }: CountRule): Tally['runners'] {
  return Object.fromEntries(Object.entries(runners).filter(([runner]) => !supersedes.includes(runner)));
}

function closed(runner: OfRunner): OfRunner {
  const { open, sum, blocks } = runner;
  if (open === null) return runner;
  if (Object.keys(open).length === 0) return { ...runner, open: null, isPartial: true };
  // What is to be taken off a sum is none.
  if (MEMBERS.every((member) => (open[member] ?? 0) <= 0) && (open.total ?? 0) < 0) return { ...runner, open: null };
  return { ...runner, open: null, sum: sumOf([sum, countsOf(open)]), blocks: blocks + 1 };
}

/** Whoever says how many passed knows; else they are what is left of all. */
function countsOf({ passed, failed = 0, skipped = 0, total = 0 }: Numbers): TestCounts {
  const known = Math.max(0, passed ?? total - failed - skipped);
  return { executed: known + failed, passed: known, failed, skipped };
}

function added(one: Numbers, other: Numbers): Numbers {
  const isIn = (member: Member) => one[member] !== undefined || other[member] !== undefined;
  return Object.fromEntries(MEMBERS.filter(isIn).map((each) => [each, (one[each] ?? 0) + (other[each] ?? 0)]));
}

function numbersOf(rule: CountRule, line: string): Numbers {
  const { words, labels, verbs, counts = {} } = rule;
  const groups = rule.says.exec(line)?.groups ?? {};
  const { list = '', verb = '' } = groups;
  const member = verbs?.[verb];
  const said: Numbers[] = [counts, ...(member ? [{ [member]: 1 }] : [])];
  for (const [name, text] of Object.entries(groups)) {
    const known = MEMBERS.find((each) => name.replace(/\d$/, '') === each);
    // Groups of alternatives that do not match have no value, whatever their type says.
    if (known && (text as string | undefined) !== undefined) said.push({ [known]: Number(text) });
  }
  if (words) said.push(...listed(list, /(\d{1,9}) ([A-Za-z]+(?: (?:out|failed|fail))?)/g, words, [2, 1]));
  if (labels) said.push(...listed(list, /([A-Za-z][A-Za-z ]*?)(?:=|: ?)(\d{1,9})/g, labels, [1, 2]));
  return said.reduce(added, {});
}

function listed(
  text: string,
  pattern: RegExp,
  known: Readonly<Record<string, Member>>,
  [word, number]: readonly [number, number],
): Numbers[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const member = known[match[word]?.trim() ?? ''];
    return member ? [{ [member]: Number(match[number]) }] : [];
  });
}
