/** A mistake of the person who configured the service: one line that says what was expected, what was seen, what to do. */
export class ConfigError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message.replace(/\s+/g, ' '), options);
    this.name = 'ConfigError';
  }
}

const LONGEST_QUOTE = 80;
/** User and password of a URL; a message may end up in a log. To the last @: who forgets to encode one has it in the password. */
const CREDENTIALS = /(:\/{0,2})\S*@/g;

/** A configured value as messages show it: quoted, short, and without credentials. */
export function seen(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  const text = JSON.stringify(value).replace(CREDENTIALS, '$1***@');
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
