/**
 * Text, lists and numbers from outside (git, suites, agents, people, error messages), made such that every store takes them
 * and gives them back unchanged. What is left out is counted in its place, never dropped silently. Done twice it changes
 * nothing more, so it does no harm to do it at every door.
 */

/** Of one text, in UTF-16 units. */
const TEXT_CHARS = 2_000;
/** Of one line of a list. */
const LINE_CHARS = 500;
/** Of one list: more lines say nothing to a person that their number does not say. */
const LIST_ITEMS = 50;
/** Of one object; ours have about a dozen. */
const MEMBERS = 100;
/** Levels of nesting. Stores refuse more than 64. */
const LEVELS = 16;
/** Members that hold whatever an agent or a machine said about itself. */
const REPORTS: ReadonlySet<string> = new Set(['cost', 'usage']);
/** Of one report, as JSON. */
const REPORT_CHARS = 16_000;
/** Room for what a text that was cut says of the rest. */
const NOTE_CHARS = 40;

/** The same value, storable. Kinds stay: a text stays a text, a number a number, a list a list. */
export function storable<T>(value: T): T {
  return kept(value, 0, TEXT_CHARS) as T;
}

/** Well-formed, without NUL, and cut between two characters where it is longer than `maxChars`, which it then says. */
export function storableText(text: string, maxChars = TEXT_CHARS): string {
  return cutText(text, maxChars).toWellFormed().replaceAll('\u0000', '\u2400');
}

/** The last part of a text, from the start of a character on. */
export function lastPart(text: string, maxChars: number): string {
  const start = Math.max(0, text.length - maxChars);
  return text.slice(isInsidePair(text, start) ? start + 1 : start);
}

/** A list of texts, each storable; the last line of a longer one says how many are missing. */
export function storableLines(lines: readonly string[]): readonly string[] {
  return list(lines, 0) as readonly string[];
}

function kept(value: unknown, level: number, maxChars: number): unknown {
  switch (typeof value) {
    case 'string':
      return storableText(value, maxChars);
    case 'number':
      return storableNumber(value);
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      if (value === null) return null;
      if (level === LEVELS) return '[nested too deep]';
      return Array.isArray(value) ? list(value, level) : members(value, level);
    default:
      return storableText(String(value), maxChars);
  }
}

/** The nearest number that JSON and every store keep as it is. */
function storableNumber(value: number): number {
  if (Number.isNaN(value)) return 0;
  const { MAX_SAFE_INTEGER: most } = Number;
  // Adding zero makes 0 of -0, which some stores do.
  return Math.min(most, Math.max(-most, value)) + 0;
}

function list(items: readonly unknown[], level: number): readonly unknown[] {
  const isWhole = items.length <= LIST_ITEMS;
  const shown = isWhole ? items : items.slice(0, LIST_ITEMS - 1);
  const storables = Array.from(shown, (item) => kept(item ?? null, level + 1, LINE_CHARS));
  return isWhole ? storables : [...storables, `… and ${items.length - shown.length} more`];
}

function members(value: object, level: number): object {
  const all = Object.entries(value);
  const isWhole = all.length <= MEMBERS;
  const shown = isWhole ? all : all.slice(0, MEMBERS - 1);
  const storables = shown.map(([name, member]) => [storableText(name, LINE_CHARS), memberOf(name, member, level + 1)]);
  return Object.fromEntries(
    isWhole ? storables : [...storables, ['…', `and ${all.length - shown.length} more`]],
  ) as object;
}

function memberOf(name: string, value: unknown, level: number): unknown {
  const member = kept(value, level, TEXT_CHARS);
  if (!REPORTS.has(name) || typeof member !== 'object' || member === null) return member;
  const { length } = JSON.stringify(member);
  return length <= REPORT_CHARS
    ? member
    : { leftOut: `${length} characters, more than the ${REPORT_CHARS} that are kept` };
}

function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = Math.max(0, maxChars - NOTE_CHARS);
  const whole = isInsidePair(text, end) ? end - 1 : end;
  return `${text.slice(0, whole)} … ${text.length - whole} characters left out`;
}

function isInsidePair(text: string, end: number): boolean {
  return end > 0 && (text.codePointAt(end - 1) ?? 0) > 0xffff;
}
