import { setTimeout as delay } from 'node:timers/promises';
import type { Reachability } from '../infrastructure/event-stores/reachability';
import type { Readiness } from '../infrastructure/http/readiness';
import { isStoreTrouble, isUnsuitable } from '../infrastructure/store-trouble';

/** How often a service that waits for a server looks whether it is there. */
const LOOK_MS = 1_000;

/**
 * Repeats a step of the start until the server it needs is there: a service may be started before it, and
 * need not be started again after it. What is missing is visible meanwhile, and said once.
 *
 * @throws AbortError when the signal says that nobody waits any more.
 */
export async function untilUsable<T>(
  readiness: Readiness,
  reachability: Reachability,
  start: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const started = await start();
      readiness.waitingFor = null;
      reachability.answered();
      return started;
    } catch (error) {
      // Anything else would be waited for in vain.
      if (!isStoreTrouble(error) || isUnsuitable(error)) throw error;
      reachability.failed(error);
      readiness.waitingFor = { code: error.code, line: error.message };
      await delay(LOOK_MS, undefined, { signal });
    }
  }
}
