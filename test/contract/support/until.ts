import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 5;

/** Waits until it holds. @throws after `limitMs`, which is no expectation but the point at which waiting is pointless. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > limitMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(EVERY_MS);
  }
}
