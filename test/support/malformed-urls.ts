import fc from 'fast-check';

/** Two halves that occur nowhere else: whatever tears a password apart leaves one of them whole. */
export const HALVES = ['Zq7WvT4k', 'Jx9RbM2n'] as const;

let count = 0;

/** The text with a password that no other case had: what one of them made known would be hidden in the next. */
export function withOwnSecret(text: string): { readonly text: string; readonly leaks: (said: string) => string[] } {
  count += 1;
  const halves = HALVES.map((half) => `${half.slice(0, 4)}${count.toString(36).padStart(5, '0')}${half.slice(4)}`);
  const own = HALVES.reduce((all, half, index) => all.replaceAll(half, halves[index] ?? ''), text);
  return { text: own, leaks: (said) => halves.filter((half) => said.includes(half)) };
}

const SCHEMES = [
  'postgres://',
  'postgresql://',
  'postgres:/',
  'postgres:',
  'postgres//',
  'postgres:///',
  ' postgres://',
  'POSTGRES://',
  'esdb://',
  'esdb+discover://',
  'esdb:',
  'kurrentdb://',
  'mysql://',
  'https://',
  'https:/',
  'ssh://',
  'file://',
  'file:',
  'file:/',
  'memory:',
  '//',
  '',
] as const;
const JOINTS = [
  '',
  '@',
  '/',
  '#',
  '?',
  ':',
  ' ',
  '%',
  '%40',
  '%zz',
  '&',
  '=',
  '\\',
  '"',
  "'",
  '[',
  ']',
  ',',
  ';',
  '\t',
  'ä',
  '😀',
];
const USERS = ['ann', '', 'a%40b', 'ann:x', 'ann@x'] as const;
const HOSTS = ['127.0.0.1', '', 'localhost', '[::1]', '[::1', 'a b', 'h,i', '%2Frun', '-', '..', 'x:y'] as const;
const PORTS = ['', ':1', ':0', ':65536', ':99999999', ':-1', ':abc', ':', ':1:2'] as const;
const PATHS = ['/log', '', '/', '//', '/a/b', '/%zz', '/lo g', '/a@b', '/a:b'] as const;

/** URLs with a password in one of their parts, most of them malformed in one way or in several. */
export const urlWithSecret = fc
  .record({
    scheme: fc.constantFrom(...SCHEMES),
    joint: fc.constantFrom(...JOINTS),
    user: fc.constantFrom(...USERS),
    colon: fc.constantFrom(':', ':', ':', '', '::', '%3A'),
    at: fc.constantFrom('@', '@', '@', '', '@@', '%40', ' @'),
    host: fc.constantFrom(...HOSTS),
    port: fc.constantFrom(...PORTS),
    path: fc.constantFrom(...PATHS),
    query: fc.constantFrom('', '?sslmode=require', '?tls=false', '?tls=maybe', '?host=/x y', '?a', '#f', '?x=1?y=2'),
    at_: fc.constantFrom(
      'password',
      'password',
      'password',
      'query',
      'sslpassword',
      'user',
      'host',
      'port',
      'path',
      'fragment',
    ),
  })
  .map((parts) => {
    const { scheme, joint, user, colon, at, host, port, path, query } = parts;
    const secret = HALVES.join(joint);
    const put = (place: string, text: string) => (parts.at_ === place ? secret : text);
    const userinfo = `${put('user', user)}${colon}${put('password', 'xy')}${at}`;
    const rest = `${put('host', host)}${parts.at_ === 'port' ? `:${secret}` : port}${parts.at_ === 'path' ? `/${secret}` : path}`;
    const more = {
      query: `?password=${secret}`,
      sslpassword: `?sslmode=require&sslpassword=${secret}`,
      fragment: `#${secret}`,
    };
    const tail = (more as Record<string, string>)[parts.at_] ?? query;
    // Without a colon it is the name of a user.
    const place = parts.at_ === 'password' && colon === '' ? 'user' : parts.at_;
    return { url: `${scheme}${userinfo}${rest}${tail}`, place };
  });
