import { isReason, isTitle } from '../../../src/domain/task/texts';

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
