/* eslint-disable no-console -- a command-line tool prints */
import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number';
import { CASES, type Case } from './cases';

/** How far from its limit a call may be given up: one that is answered at once, if only by an error, waited for nothing. */
const MOST_OFF = 0.1;

interface Measured {
  readonly name: string;
  readonly calls: number;
  readonly limitMs: number;
  readonly shortestMs: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

/**
 * Calls to a server of the EventStoreDB kind that never answers, and how long each takes to be given up:
 * `--calls 40`, `--limit 500` (ms), `--json`. Ends with exit code 1 when one took more than a tenth longer or less than its limit.
 * The machine has its part in that, so it is a figure and no test.
 */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { calls: text, limit: text, json: { type: 'boolean', default: false } } });
  const calls = wholeNumber('calls', values.calls, 40);
  const limitMs = wholeNumber('limit', values.limit, 500);
  const all: Measured[] = [];
  for (const each of CASES) all.push(await measure(each, calls, limitMs));
  console.log(values.json ? JSON.stringify(all, null, 2) : all.map(line).join('\n'));
  return all.every(isInTime) ? 0 : 1;
}

async function measure({ name, open, atOnce }: Case, calls: number, limitMs: number): Promise<Measured> {
  const { call, close } = await open(limitMs);
  const took: number[] = [];
  try {
    while (took.length < calls) {
      const together = Math.min(atOnce, calls - took.length);
      took.push(...(await Promise.all(Array.from({ length: together }, () => timed(call)))));
    }
  } finally {
    await close();
  }
  took.sort((one, other) => one - other);
  const [shortestMs = 0, medianMs = 0, longestMs = 0] = [took[0], took[Math.floor(took.length / 2)], took.at(-1)];
  return { name, calls, limitMs, shortestMs, medianMs, longestMs };
}

/** @throws when the call succeeds: then nothing was measured. */
async function timed(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const isGivenUp = await call().then(
    () => false,
    () => true,
  );
  if (!isGivenUp) throw new Error('expected no answer, saw one');
  return performance.now() - startedAt;
}

function isInTime({ shortestMs, longestMs, limitMs }: Measured): boolean {
  return shortestMs >= limitMs * (1 - MOST_OFF) && longestMs <= limitMs * (1 + MOST_OFF);
}

function line(measured: Measured): string {
  const { name, calls, limitMs, medianMs, longestMs } = measured;
  const over = (ms: number) => `${ms.toFixed(1)} ms (${(((ms - limitMs) / limitMs) * 100).toFixed(1)} % over)`;
  const verdict = isInTime(measured) ? 'in time' : 'NOT IN TIME';
  return `${name.padEnd(45)} ${calls} calls, limit ${limitMs} ms: median ${over(medianMs)}, longest ${over(longestMs)}; ${verdict}`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
