import type { Clock } from './ports/clock';

/** Resolves after `delayMs`, or at once when the signal aborts. Never rejects: look at the signal. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const cancel = clock.after(delayMs, wake);
    const stop = () => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
