import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/** @throws when it has not come true by then. */
export async function until(isTrue: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms for ${isTrue.toString()}`);
    await delay(LOOK_EVERY_MS);
  }
}
