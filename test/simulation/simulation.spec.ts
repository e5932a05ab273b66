import { spawn } from 'node:child_process';
import { AT_REST, runHistory } from './history';
import { MUTANTS, type Mutant } from './mutants';

/** CI raises it; a failing seed prints itself. */
const SEEDS = Number(process.env['STAGEGATE_SELFTEST_SEEDS'] ?? 1_000);
/** Many sweeps. */
const LONG_MS = 10 * 60_000;
/**
 * Seeds in which faults that were once there show, kept for good. 2598, later 6161: a landed task annotated itself without
 * end. 470: a developer's look at the branch, older than what was recorded, took the task back. 719: a subscriber whose clock
 * was set back took its batch again and again, each time waiting out the same pause.
 */
const REGRESSIONS = [470, 719, 2598, 3356, 6161];

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

describe('deliberate faults are noticed', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      const { code, output } = await simulate(mutant.from ?? 1, 1_000, mutant);
      expect({ code, output: output.slice(-2_000) }).toMatchObject({ code: 1 });
      const broken = [...new Set(output.match(/^I\d+(?= )/gm))];
      const isCaught = broken.some((invariant) => mutant.caughtBy.includes(invariant));
      const said = output.slice(-2_000);
      expect({ isCaught, said }).toEqual({ isCaught: true, said });
    },
    120_000,
  );
});

async function expectClean(from: number, seeds: number): Promise<void> {
  const { code, output } = await simulate(from, seeds);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`${seeds} histories`) as string });
}

/** In an own process: under Jest's module wrappers the same history takes three times as long. */
function simulate(from: number, seeds: number, mutant?: Mutant): Promise<{ code: number | null; output: string }> {
  const args = ['-r', './test/support/ts-register.cjs', 'test/simulation/simulate.ts'];
  const range = ['--from', String(from), '--seeds', String(seeds)];
  const env = { ...process.env, ...(mutant && { STAGEGATE_SELFTEST_MUTANT: JSON.stringify(mutant) }) };
  const child = spawn(process.execPath, [...args, ...range], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}
