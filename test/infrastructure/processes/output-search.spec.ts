import fc from 'fast-check';
import { OutputSearch, REACH } from '../../../src/infrastructure/processes/output/output-search';

/** Patterns whose answer depends on what is around a match, and texts that nearly match them. */
const PATTERNS = [
  '^Tests: +\\d+ passed$',
  '\\bok\\b',
  '(?<!not )ok(?! yet)',
  'ok\\r?\\ndone',
  'ü+x',
  '^$',
  'passed',
  '^\\s*ok',
] as const;
const WORDS = ['Tests: 3 passed', ' passed', '\n', '\r\n', 'ok', 'not ok', 'ok yet', 'done', 'ü', 'x', '\t', '😀', ' '];

function searched(pattern: string, text: string, firstBytes: number, size: number): string {
  const search = new OutputSearch(pattern);
  const bytes = Buffer.from(text);
  search.take(bytes.subarray(0, firstBytes));
  for (let at = firstBytes; at < bytes.length; at += size) search.take(bytes.subarray(at, at + size));
  return search.result();
}

test('says what a search in the whole text says, wherever chunks are cut and blocks end', () => {
  const runs = 400;
  let found = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...PATTERNS),
      fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 }),
      // The first chunk ends within the words, or a reach after that: there a block ends, and there the text is cut.
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: -40, max: 0 }),
      fc.constantFrom(0, REACH),
      fc.integer({ min: 2_000, max: 100_000 }),
      (pattern, words, within, reaches, shift, later, size) => {
        const before = Math.max(0, reaches * REACH + shift);
        const text = 'y'.repeat(before) + words.join('') + (reaches === 0 ? '' : 'y'.repeat(3 * REACH));
        const expected = new RegExp(pattern, 'm').test(text) ? 'found' : 'absent';
        if (expected === 'found') found += 1;
        expect(searched(pattern, text, before + within + later, size)).toBe(expected);
      },
    ),
    { seed: 14_033, numRuns: runs },
  );
  // Both answers were met often enough to mean something.
  expect(found).toBeGreaterThan(runs / 10);
  expect(found).toBeLessThan((runs * 9) / 10);
});

test.each(['^ok$', '\\bok', '(?<!not )ok'])('where the text is cut, %s still sees what was before it', (pattern) => {
  const text = `${'y'.repeat(REACH)}not ok\n${'y'.repeat(2 * REACH)}`;
  // Every place within and around the words becomes the place of the cut once.
  const answers = Array.from({ length: 9 }, (_, within) => searched(pattern, text, 2 * REACH + within, 2 * REACH));
  expect(new Set(answers)).toEqual(new Set([new RegExp(pattern, 'm').test(text) ? 'found' : 'absent']));
});

test('a pattern that goes astray is given up and said to be, and blocks nothing for good', () => {
  expect(searched('^(\\w+\\s?)*$', `${'a'.repeat(60)}!`, 10, 1_000)).toBe('given-up');
});

test('keeps a bounded part of what came', () => {
  const search = new OutputSearch('never');
  for (let chunk = 0; chunk < 200; chunk += 1) search.take(Buffer.alloc(REACH, 'z'));
  expect((search as unknown as { text: string }).text.length).toBeLessThanOrEqual(4 * REACH);
  expect(search.result()).toBe('absent');
});
