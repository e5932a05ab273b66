/* eslint-disable no-console -- a command-line tool prints */
import { runHistory } from './history';

/**
 * Runs simulated histories: `--seeds 1000` from `--from 1`, or one with its trace: `--seed 42 --trace`. With `--rate 0.1` every history has
 * flakes and deaths by infrastructure at that rate, instead of what its seed says.
 * Ends with exit code 1 at the first history that breaks an invariant, after printing how to see it again.
 */
async function main(args: readonly string[]): Promise<number> {
  const value = (name: string, otherwise: number) => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const first = value('seed', value('from', 1));
  const count = args.includes('--seed') ? 1 : value('seeds', 1_000);
  const rate = args.includes('--rate') ? value('rate', 0) : null;
  const startedAt = performance.now();
  let steps = 0;
  let events = 0;
  const seen = { flakes: 0, infraDeaths: 0, StageRolledBack: 0, TaskLanded: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runHistory(seed, args.includes('--trace'), 0, rate);
    steps += result.steps;
    events += result.events.length;
    seen.flakes += result.flakes;
    seen.infraDeaths += result.infraDeaths;
    for (const { type } of result.events) if (type === 'StageRolledBack' || type === 'TaskLanded') seen[type] += 1;
    for (const line of result.trace) console.log(line);
    if (result.violations.length === 0) continue;
    for (const { invariant, stream, revision, detail } of result.violations)
      console.log(`${invariant} ${stream}@${revision}: ${detail}`);
    console.log(
      `seed ${seed} breaks an invariant; see it again: npm run simulate -- --seed ${seed} --trace${rate === null ? '' : ` --rate ${rate}`}`,
    );
    return 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${count} histories from seed ${first}: 0 violations, ${events} events, ${steps} steps, ${seconds.toFixed(1)} s`,
  );
  const { flakes, infraDeaths, StageRolledBack: back, TaskLanded: landed } = seen;
  console.log(
    `in them ${flakes} trees were red by chance and ${infraDeaths} runs ended by infrastructure; ${back} times sent back, ${landed} landings`,
  );
  return 0;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
