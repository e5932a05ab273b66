/** Replacing something shorter wherever it occurs would make every message unreadable; patterns still hide it in its place. */
const SHORTEST = 4;
const HIDDEN = '***';
/** More than a process is ever given; the oldest go first, so that a long session does not slow down. */
const MOST_KNOWN = 500;
const known = new Set<string>();

/** Schemes whose user is shown on purpose: it says as whom a server was asked. */
const USER_IS_SHOWN = /^(?:postgres(?:ql)?|esdb(?:\+discover)?):/i;
/** How messages tell people to write a URL. */
const PLACEHOLDER = 'USER:PASSWORD';

/** What stands between spaces and quotes; looked through once, however long it is. */
const WORD = /[^\s"'<>`]+/g;
const SCHEME = /[a-z][a-z0-9+.-]{0,30}:\/{1,3}/i;
/** `password=…`, as connection strings of libpq, URLs and shells have it. */
const IN_ASSIGNMENT = /\b((?:ssl|PG)?passw(?:or)?d|passphrase)=('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s&;,'"]+)/gi;

/** Remembers what must never be shown, wherever it turns up: in the message of a library, in a stack, in an answer. */
export function keepSecrets(texts: readonly string[]): void {
  for (const text of texts) if (text.length >= SHORTEST) known.add(text);
  for (const oldest of known) if (known.size > MOST_KNOWN) known.delete(oldest);
}

/** Of a token, from its first digit on. */
const TOKEN = /sgt_[0-9a-f]{8,}/gi;

/** The text without passwords. Whatever is logged, printed as an error or said about health goes through here. */
export function withoutSecrets(text: string): string {
  const told = [...known].filter((secret) => text.includes(secret)).sort((a, b) => b.length - a.length);
  const rest = told.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
  const untold = rest.replace(TOKEN, `sgt_${HIDDEN}`);
  const named = untold.includes('=') ? untold.replace(IN_ASSIGNMENT, `$1=${HIDDEN}`) : untold;
  return named.includes('@') ? named.replace(WORD, (word) => (word.includes('@') ? inWord(word) : word)) : named;
}

/**
 * Passwords of a URL that may be malformed, in every spelling in which a library may repeat them. One that is also the name
 * of its user or database is left out: that is shown on purpose, and nobody can tell what of it was the password.
 */
export function secretsIn(text: string): readonly string[] {
  const [, userinfo = ''] = /^(?:\s*[a-z][a-z0-9+.-]*:\/+)?(.*)@/is.exec(text) ?? [];
  const parts = userinfo.split(':');
  // A colon too many, or one slash too few: whichever of them begins the password.
  const pairs = parts.slice(1).map((_, index) => parts.slice(index + 1).join(':'));
  const assigned = [...text.matchAll(/(?:password|passwd|passphrase)=([^&#\s]*)/gi)].map(([, value = '']) => value);
  const once = [...pairs, ...assigned].filter((secret) => secret !== '' && text.split(secret).length === 2);
  return [...new Set(once.flatMap(spellings))];
}

export const A_URL = 'something like a URL (not shown, it may hold a password)';
/** One colon alone is in titles, patterns and mistyped names too, and hiding those would leave people in the dark. */
const LIKE_URL = /@|%40|:\/|\/\/|:.*:|(?:passw(?:or)?d|passphrase)=/is;

/** A text as messages show it: quoted, and not at all where it looks like a URL. In which part of it a password is nobody can tell. */
export function quoted(text: string): string {
  return isLikeUrl(text) ? A_URL : JSON.stringify(text);
}

export function isLikeUrl(text: string): boolean {
  return LIKE_URL.test(text);
}

/** Whether a text that was meant to be something else may hold the credentials of a URL. */
export function mayHoldSecret(text: string): boolean {
  const decoded = text.replace(/%(?:3a|40|2f)/gi, (code) => decodeURIComponent(code));
  const [hasColon, hasAt] = [decoded.includes(':'), decoded.includes('@')];
  const hasUser = (hasColon && hasAt) || (decoded.includes('//') && (hasColon || hasAt));
  // `token@host/path`: an @ in a path that begins neither with a slash nor with a dot.
  if (/^\s*[^/.\s][^@]*@/.test(decoded)) return true;
  // A colon before the first slash is what git takes for another machine, and every scheme ends with one.
  return hasUser || /^[^/]*:/.test(decoded) || /[a-z]:\/|(?:passw(?:or)?d|passphrase)=/i.test(decoded);
}

/** Whether a URL of git holds a password; over HTTP the user may be a token, too. */
export function holdsCredentials(url: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/+[^/@]*:[^/]*@/i.test(url) || /^\s*https?:\/+[^/]*@/i.test(url);
}

function inWord(word: string): string {
  const [scheme = ''] = SCHEME.exec(word) ?? [];
  if (scheme === '') return word.split('@').map(hidePassword).join('@');
  // In stacks, in front of folders that begin with an @.
  if (scheme.toLowerCase().startsWith('file:')) return word;
  const from = word.indexOf(scheme) + scheme.length;
  // To the last @: who forgets to encode one has it in the password.
  const userinfo = word.slice(from, Math.max(from, word.lastIndexOf('@')));
  const isShown = userinfo === '' || (USER_IS_SHOWN.test(scheme) && !/[:/]/.test(userinfo)) || userinfo === PLACEHOLDER;
  return isShown ? word : `${word.slice(0, from)}${HIDDEN}${word.slice(from + userinfo.length)}`;
}

/** `user:password`, the part in front of an @; the last part has none behind it. */
function hidePassword(part: string, index: number, parts: readonly string[]): string {
  const from = part.lastIndexOf('/') + 1;
  const colon = part.indexOf(':', from);
  const isPair = index < parts.length - 1 && colon > from && colon < part.length - 1 && !part.endsWith(PLACEHOLDER);
  return isPair ? `${part.slice(0, colon)}:${HIDDEN}` : part;
}

function spellings(secret: string): readonly string[] {
  const decoded = orAsItIs(decodeURIComponent, secret);
  return [secret, decoded, orAsItIs(encodeURIComponent, decoded), orAsItIs(encodeURI, decoded)];
}

function orAsItIs(change: (text: string) => string, text: string): string {
  try {
    return change(text);
  } catch {
    // A lone % sign or half a character stands for itself.
    return text;
  }
}
