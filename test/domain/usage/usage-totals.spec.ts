import { costUsdOf, together, withRun } from '../../../src/domain/usage/usage-totals';
import { usageText } from '../../../src/domain/usage/usage-words';

const USAGE = { inputTokens: 100, outputTokens: 10, costUsd: 0.1 };

it('runs are counted, and what they took where they said it', () => {
  const once = withRun(undefined, { usage: USAGE, durationMs: 5 });
  const twice = withRun(once, { usage: undefined, durationMs: 7 });
  expect(twice).toMatchObject({ runs: 2, counted: 1, inputTokens: 100, outputTokens: 10, durationMs: 12 });
});

it('costs add up to what a person would write down, in any order', () => {
  const runs = [0.1, 0.2, 0.000001].map((costUsd) =>
    withRun(undefined, { usage: { ...USAGE, costUsd }, durationMs: 0 }),
  );
  expect(costUsdOf(together(runs))).toBe(0.300001);
  expect(together([...runs].reverse())).toEqual(together(runs));
});

it('a sum stays a number that every store keeps', () => {
  const usage = { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 1 };
  const one = withRun(undefined, { usage, durationMs: 0 });
  expect(together([one, one]).inputTokens).toBe(Number.MAX_SAFE_INTEGER);
});

it.each([
  [{ inputTokens: 0, outputTokens: 7 }, '0 in, 7 out'],
  [
    { inputTokens: 1_234_567, outputTokens: 1_000, cachedTokens: 999, costUsd: 0.5 },
    '1,234,567 in (999 cached), 1,000 out, $0.5000',
  ],
])('%j is told as %s', (usage, text) => {
  expect(usageText(usage)).toBe(text);
});
