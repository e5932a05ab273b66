import fc from 'fast-check';
import { HALVES } from './malformed-urls';

/** As they are handed over, in pieces; what is between `pass` and `word` tells whether a password is torn apart. */
const [PASS, WORD] = HALVES;
const GOOD = {
  postgres: [
    'postgres',
    '://',
    'ann',
    ':',
    PASS,
    WORD,
    '@',
    'db',
    ':',
    '5432',
    '/',
    'log',
    '?',
    'sslmode',
    '=',
    'require',
  ],
  esdb: ['esdb', '://', 'ann', ':', PASS, WORD, '@', 'a', ':', '2113', ',', 'b', ':', '2113', '?', 'tls', '=', 'true'],
  file: ['file:', '/', 'srv', '/', 'ann', ':', PASS, WORD, '@', 'db', '/', 'events.db'],
  https: ['https', '://', 'ann', ':', PASS, WORD, '@', 'git.example', '/', 'team', '/', 'web.git'],
  ssh: ['ssh', '://', 'ann', ':', PASS, WORD, '@', 'git.example', ':', '22', '/', 'web.git'],
  scp: ['ann', ':', PASS, WORD, '@', 'git.example', ':', 'team', '/', 'web.git'],
} as const;

const NOISE = [
  '@',
  ':',
  '/',
  '//',
  '?',
  '&',
  '=',
  '#',
  ',',
  ';',
  ' ',
  '\t',
  '\n',
  '%',
  '%40',
  '%3A',
  '%2F',
  '"',
  "'",
  '\\',
  '[',
  ']',
  '{',
  '+',
  '-',
  '.',
  '..',
  '\0',
  'ä',
  '😀',
  'password',
  'tls',
  'host',
];
const at = fc.nat(40);

type Mutation = (pieces: string[]) => string[];
const place = (pieces: readonly unknown[], index: number) => (pieces.length === 0 ? 0 : index % pieces.length);
const without = (pieces: readonly string[], index: number) => pieces.filter((_, one) => one !== place(pieces, index));

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  at.map((index) => (pieces: string[]) => without(pieces, index)),
  // A cut from either end, as a careless copy makes it.
  at.map((index) => (pieces: string[]) => pieces.slice(place(pieces, index))),
  at.map((index) => (pieces: string[]) => pieces.slice(0, place(pieces, index) + 1)),
  fc.tuple(at, fc.constantFrom(...NOISE)).map(
    ([index, noise]) =>
      (pieces: string[]) =>
        pieces.toSpliced(place(pieces, index), 0, noise),
  ),
  fc.tuple(at, fc.constantFrom(...NOISE)).map(
    ([index, noise]) =>
      (pieces: string[]) =>
        pieces.toSpliced(place(pieces, index), 1, noise),
  ),
  fc.tuple(at, at).map(([from, to]) => (pieces: string[]) => {
    const piece = pieces[place(pieces, from)] ?? '';
    return without(pieces, from).toSpliced(to % pieces.length, 0, piece);
  }),
  fc.tuple(at, at).map(
    ([from, to]) =>
      (pieces: string[]) =>
        pieces.toSpliced(place(pieces, to), 0, pieces[place(pieces, from)] ?? ''),
  ),
  // The password pasted where something else belongs.
  fc.tuple(at, fc.constantFrom('', '=', '=x')).map(
    ([index, end]) =>
      (pieces: string[]) =>
        pieces.toSpliced(place(pieces, index), 1, `${PASS}${WORD}${end}`),
  ),
  at.map(
    (index) => (pieces: string[]) =>
      pieces.map((piece, one) =>
        one === place(pieces, index) && !HALVES.includes(piece as never) ? piece.toUpperCase() : piece,
      ),
  ),
);

/** A good URL of the kind, after one to four mistakes. */
export function mutatedUrl(kind: keyof typeof GOOD): fc.Arbitrary<string> {
  return fc
    .array(mutation, { minLength: 1, maxLength: 4 })
    .map((mutations) => mutations.reduce<string[]>((pieces, mutate) => mutate(pieces), [...GOOD[kind]]).join(''));
}
export const KINDS = Object.keys(GOOD) as (keyof typeof GOOD)[];
