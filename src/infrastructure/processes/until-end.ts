import { setTimeout as delay } from 'node:timers/promises';
import type { RunSpec } from '../../application/ports/process-runner';
import type { HandshakeChannel } from './launch/handshake';
import type { Launched } from './launch/launch';
import { loopTurn } from './proc/proc-scan';

/** How long a wrapper may take from its last word to its end. */
const LAST_WORD_MS = 250;

export type KilledFor = 'timeout' | 'aborted';

/** @returns why it has to be killed; null when it ended by itself. */
export async function untilEnd(
  { ended, endedNow }: Launched,
  channel: HandshakeChannel,
  { timeoutMs, signal }: RunSpec,
): Promise<KilledFor | null> {
  let timer: NodeJS.Timeout | undefined;
  let stop: () => void = () => undefined;
  const due = new Promise<KilledFor>((resolve) => {
    timer = setTimeout(() => {
      resolve('timeout');
    }, timeoutMs);
    stop = () => {
      resolve('aborted');
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
  try {
    const first = await Promise.race([ended.then(() => null), due]);
    if (first === null) return null;
    // Timers run before input: on a loop that was held up, the run may long have ended in time.
    await loopTurn();
    if (endedNow()) return null;
    if (channel.read().kind !== 'exited') return first;
    await Promise.race([ended, delay(LAST_WORD_MS)]);
    return null;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
