import { AT_REST, runHistory } from './history';
import { simulate } from './in-own-process';

/** CI raises it; a failing seed prints itself. */
const SEEDS = Number(process.env['STAGEGATE_SELFTEST_SEEDS'] ?? 1_000);
/** Many sweeps. */
const LONG_MS = 10 * 60_000;
/**
 * Seeds in which faults that were once there show, kept for good. 2598, later 6161: a landed task annotated itself without
 * end. 470: a developer's look at the branch, older than what was recorded, took the task back. 719: a subscriber whose clock
 * was set back took its batch again and again, each time waiting out the same pause. 460: a coverage report of
 * main about files that it does not have was one of nothing, below which no change could fall. 1226: a person overruled the gate by which
 * infrastructure had sent a task back.
 */
const REGRESSIONS = [460, 470, 719, 1226, 2598, 3356, 6161];

describe('simulated histories', () => {
  it(`keep every invariant on ${SEEDS} seeds`, async () => {
    await expectClean(1, SEEDS);
  }, 1_200_000);

  it.each(REGRESSIONS)('keep every invariant on seed %i, which once broke one', async (seed) => {
    await expectClean(seed, 1);
  });

  it('are the same when the seed is the same', async () => {
    const [first, second] = [await runHistory(7, true), await runHistory(7, true)];
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(100);
  });

  it.each([1, 2, 3, 4, 5])(
    'ask the store nothing once all tasks rest, however often they are swept (seed %i)',
    async (seed) => {
      const { trace, virtualMs } = await runHistory(seed, true, 3 * LONG_MS);
      const asks = (lines: readonly string[]) => lines.filter((line) => / (read|append) /.test(line));
      const rest = trace.findIndex((line) => line.endsWith(AT_REST));
      expect(asks(trace.slice(0, rest)).length).toBeGreaterThan(10);
      // At first the last timers go off, and people give back what they have switched.
      const late = trace.filter((line) => parseFloat(line) * 1000 > virtualMs - LONG_MS);
      expect(asks(late)).toEqual([]);
    },
  );
});

async function expectClean(from: number, seeds: number): Promise<void> {
  const { code, output } = await simulate(from, seeds);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`${seeds} histories`) as string });
}
