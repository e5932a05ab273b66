import type { Readable } from 'node:stream';
import type { Deadline } from '../deadline';
import { loopTurn } from '../proc/proc-scan';

/** Idle for this long after the run is gone, a pipe counts as held by somebody else. */
const IDLE_MS = 100;
const DRAIN_CAP_MS = 1_000;

/**
 * Waits for the ends of the streams, but not for whoever keeps one open.
 *
 * @returns true when one was still held.
 */
export async function drain(streams: readonly Readable[], deadline: Deadline): Promise<boolean> {
  const open = new Set(streams.filter((stream) => !stream.readableEnded && !stream.destroyed));
  if (open.size === 0) return false;
  const cap = deadline.within(DRAIN_CAP_MS);
  let idle = cap.within(IDLE_MS);
  const ended = new Promise<void>((resolve) => {
    for (const stream of open) {
      const done = () => {
        open.delete(stream);
        if (open.size === 0) resolve();
      };
      stream.once('end', done).once('close', done);
      stream.on('data', () => {
        idle = cap.within(IDLE_MS);
      });
    }
  });
  do {
    await idle.waitFor(ended);
    // Timers run before input: on a loop that was held up, what has long arrived is read only now.
    await loopTurn();
  } while (open.size > 0 && !idle.isOver());
  for (const stream of open) stream.destroy();
  return open.size > 0;
}
