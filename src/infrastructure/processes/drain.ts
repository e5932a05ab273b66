import type { Readable } from 'node:stream';
import { loopTurn } from './proc-scan';

/** Idle for this long after the run is gone, a pipe counts as held by somebody else. */
const IDLE_MS = 100;
export const DRAIN_CAP_MS = 1_000;

/** Waits for the ends of the streams, but not for whoever keeps one open. @returns true when one was still held. */
export async function drain(streams: readonly Readable[]): Promise<boolean> {
  const open = new Set(streams.filter((stream) => !stream.readableEnded && !stream.destroyed));
  if (open.size === 0) return false;
  let lastData = performance.now();
  const ended = new Promise<void>((resolve) => {
    for (const stream of open) {
      const done = () => {
        open.delete(stream);
        if (open.size === 0) resolve();
      };
      stream.once('end', done).once('close', done);
      stream.on('data', () => {
        lastData = performance.now();
      });
    }
  });
  const cap = performance.now() + DRAIN_CAP_MS;
  while (open.size > 0 && performance.now() < Math.min(cap, lastData + IDLE_MS)) {
    await within(ended, Math.min(cap, lastData + IDLE_MS) - performance.now());
    // Timers run before input: on a loop that was held up, what has long arrived is read only now.
    await loopTurn();
  }
  for (const stream of open) stream.destroy();
  return open.size > 0;
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const up = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.max(1, ms))));
  await Promise.race([work, up]);
  clearTimeout(timer);
}
