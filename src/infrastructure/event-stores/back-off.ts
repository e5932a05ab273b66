import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 100;
const MOST_MS = 5_000;

/** A pause before the next try, twice as long after every failure. Resolves early when `signal` aborts; never rejects. */
export async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const delayMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  // Equal pauses would let several processes hit a struggling store together.
  await delay(delayMs * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
}
