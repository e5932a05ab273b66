import { A_URL, isLikeUrl, withoutSecrets } from '../../application/secrets';

/** A mistake of the person who configured the service: one line that says what was expected, what was seen, what to do. */
export class ConfigError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(withoutSecrets(message.replace(/\s+/g, ' ')), options);
    this.name = 'ConfigError';
  }
}

const LONGEST_QUOTE = 80;
const NOT_PLAIN = 'more than a plain number or name (not shown, it may hold a password)';
/** What numbers, switches and lists of names look like, and what is mistaken for them as a rule. */
const PLAIN = /^[A-Za-z0-9_.,*+\s'"-]*$/;

/**
 * A configured value as messages show it: quoted, short, and not at all where it may hold a password. In which part of a
 * malformed URL that stands nobody can tell.
 */
export function seen(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  const text = JSON.stringify(value);
  if (textsIn(value).some(isLikeUrl)) return A_URL;
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

/** The value of a variable for a number, a switch or names: with anything else in it, it may be a part of a URL. */
export function seenPlain(text: string | undefined): string {
  return text === undefined || PLAIN.test(text) ? seen(text) : NOT_PLAIN;
}

/** A path that is refused as messages show it: nobody can tell whether it was meant to be a URL. */
export function seenPath(text: string | undefined): string {
  return text === undefined || text === '' ? 'nothing' : A_URL;
}

/** A URL as messages show it: its scheme, where it is one we know. */
export function seenUrl(text: string | undefined): string {
  if (text === undefined || text === '') return 'nothing';
  const [scheme = 'something without a scheme'] = KNOWN_SCHEME.exec(text) ?? [];
  return `${scheme} (the rest is not shown, it may hold a password)`;
}

const KNOWN_SCHEME = /^(?:file|memory|https?|mysql|postgres(?:ql)?|(?:esdb|kurrentdb|kurrent|kdb)(?:\+discover)?):/;

/** Every text in a value, keys too. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(textsIn) : [];
}
