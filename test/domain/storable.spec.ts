import fc from 'fast-check';
import { lastPart, storable, storableLines, storableText } from '../../src/domain/storable';

describe('a text from outside', () => {
  test('shows NUL and half a character as something that stands for them', () => {
    expect(storableText('a\u0000b\ud800c\udc00')).toBe('a\u2400b\ufffdc\ufffd');
  });

  test('is cut between two characters, and says how much is missing', () => {
    expect(storableText('x'.repeat(2_000))).toBe('x'.repeat(2_000));
    expect(storableText('x'.repeat(2_001))).toBe(`${'x'.repeat(1_960)} … 41 characters left out`);
    expect(storableText('😀'.repeat(101), 101)).toBe(`${'😀'.repeat(30)} … 142 characters left out`);
  });

  test('keeps its end from the start of a character on', () => {
    expect(lastPart('a😀b', 2)).toBe('b');
    expect(lastPart('a😀b', 3)).toBe('😀b');
    expect(lastPart('a😀b', 9)).toBe('a😀b');
  });
});

describe('what is made of several', () => {
  test('a list keeps 50 lines, the last of which counts the others', () => {
    const lines = Array.from({ length: 51 }, (_, index) => `src/${index}.ts`);
    expect(storableLines(lines)).toEqual([...lines.slice(0, 49), '… and 2 more']);
    expect(storableLines(lines.slice(1))).toEqual(lines.slice(1));
  });

  test('a number is the nearest that is kept as it is', () => {
    expect(storable([1e29, -Infinity, NaN, -0, 0.5])).toEqual([2 ** 53 - 1, 1 - 2 ** 53, 0, 0, 0.5]);
  });

  test('a report that is too long says how long it was', () => {
    const cost = { text: 'x'.repeat(2_000), more: Array.from({ length: 50 }, () => 'y'.repeat(500)) };
    expect(storable({ cost, claim: '8' })).toEqual({
      cost: { leftOut: expect.stringMatching(/^\d+ characters, more than the 16000 that are kept$/) as string },
      claim: '8',
    });
  });

  test('nothing changes when it is done twice, and every kind stays what it was', () => {
    const value = fc.object({
      maxDepth: 3,
      values: [fc.string({ unit: 'binary', maxLength: 3_000 }), fc.double(), fc.boolean()],
    });
    fc.assert(
      fc.property(value, (said) => {
        const once = storable(said);
        expect(storable(once)).toEqual(once);
        expect(JSON.parse(JSON.stringify(once))).toEqual(once);
        for (const [name, member] of Object.entries(said))
          if (name in once) expect(typeof once[name]).toBe(typeof member);
      }),
      { seed: 20_260_105, numRuns: 300 },
    );
  });
});
