/* eslint-disable no-console -- a command-line tool prints */
import { parseArgs } from 'node:util';
import { endStoreProcesses } from '../contract/support/store-process';
import { wholeNumber } from '../support/whole-number';
import { ARENAS, type Arena } from './arenas';
import { compete, type Outcome } from './compete';

/**
 * Contenders that all want one revision, round after round, on every store: exactly one may win each. Where a log is shared
 * they come from several processes: `--rounds 1000`, `--contenders 16`, `--processes 2`, `--only sqlite,postgres`, `--json`.
 * Ends with exit code 1 when a round had no winner, or two.
 */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { rounds: text, contenders: text, processes: text, only: text, json: { type: 'boolean', default: false } },
  });
  const size = {
    rounds: wholeNumber('rounds', values.rounds, 1_000),
    contenders: wholeNumber('contenders', values.contenders, 16),
    processes: wholeNumber('processes', values.processes, 2),
  };
  if (size.contenders % size.processes !== 0)
    throw new Error(`--contenders: expected a multiple of ${size.processes} processes, saw ${size.contenders}`);
  const outcomes: Outcome[] = [];
  for (const arena of chosen(values.only)) {
    console.error(`${arena.name}: ${size.contenders} contenders, ${size.rounds} rounds`);
    outcomes.push(await compete(arena, size));
  }
  console.log(values.json ? JSON.stringify({ ...size, outcomes }, null, 2) : outcomes.map(line).join('\n'));
  return outcomes.every(({ isFair }) => isFair) ? 0 : 1;
}

function chosen(only: string | undefined): readonly Arena[] {
  const names = only?.split(',') ?? ARENAS.map(({ name }) => name);
  return names.map((wanted) => {
    const arena = ARENAS.find(({ name }) => name === wanted);
    if (!arena) throw new Error(`--only: expected ${ARENAS.map(({ name }) => name).join(', ')}, saw ${wanted}`);
    return arena;
  });
}

function line({ store, appends, oneWinner, rounds, wins, stored, hasOneOrder, seconds }: Outcome): string {
  const parts = [
    `${store.padEnd(12)}  one winner in ${oneWinner} of ${rounds} rounds`,
    `${appends} appends`,
    `${stored} stored`,
    `won by each process: ${wins.join(', ')}`,
    hasOneOrder ? 'one order explains all answers' : 'NO ORDER EXPLAINS ALL ANSWERS',
    `${seconds.toFixed(1)} s`,
  ];
  return parts.join('; ');
}

main()
  .finally(endStoreProcesses)
  .then(
    (code) => process.exit(code),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
