import { isDescription, isPathList, isReason, isTitle } from '../../../src/domain/task/texts';

describe.each([
  ['a title', isTitle, 200],
  ['a reason', isReason, 500],
] as const)('%s', (_name, isOne, most) => {
  it.each([
    ['one character', 'x'],
    ['as many as there may be', 'x'.repeat(most)],
    ['as many, each of two units', '\u{1f600}'.repeat(most)],
    ['lines', 'a\nb'],
  ])('may be %s', (_what, text) => {
    expect(isOne(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['one character too many', 'x'.repeat(most + 1)],
    ['far too long', 'x'.repeat(1_000_000)],
    ['with NUL', 'a\u0000b'],
    ['with half a pair', 'a\ud800'],
  ])('is not %s', (_what, text) => {
    expect(isOne(text)).toBe(false);
  });
});

describe('a description', () => {
  it.each([
    ['one character', 'x'],
    ['64 KiB', 'x'.repeat(65_536)],
    ['64 KiB, in characters of four bytes', '\u{1f600}'.repeat(16_384)],
    ['lines, tabs and escapes', 'a\n\tb\u001b[2J\n'],
  ])('may be %s', (_what, text) => {
    expect(isDescription(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['one byte too many', 'x'.repeat(65_537)],
    ['one byte too many, in characters of two bytes', `x${'ü'.repeat(32_768)}`],
    ['with NUL', 'a\u0000b'],
    ['with half a pair', 'a\ud800'],
  ])('is not %s', (_what, text) => {
    expect(isDescription(text)).toBe(false);
  });
});

describe('paths to waive', () => {
  it.each(['src/a.ts', './src/a.ts', 'src/', 'src', '[id].tsx', 'a b/c', '...', '.github/workflows/ci.yml'])(
    'may have %j',
    (path) => {
      expect(isPathList([path])).toBe(true);
    },
  );

  it.each(['', '.', './', '..', '../x', 'src/../x', '/', '/src/a.ts', 'src//a.ts', '*', 'src/*.ts', 'a\u0000'])(
    'have no %j, which would cover nothing',
    (path) => {
      expect(isPathList(['src/a.ts', path])).toBe(false);
    },
  );
});
