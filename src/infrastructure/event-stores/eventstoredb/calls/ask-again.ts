import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client';
import { TookTooLong } from './collect';
import type { Connection } from '../server/connection';
import { meaningOf } from './meanings';

const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 1_000;

/**
 * Makes a call, and makes it again within the caller's time when the server says that it gave up: it says so of an append that
 * is stored, of one that never will be, and of one that others have sent at the same moment. Asked again it knows. A call that
 * met a node that does not lead goes to the leader, once.
 *
 * @throws what the last call did. After the server has answered once, running out of time is no proof against the connection.
 */
export async function askAgain<T>(
  connection: Connection,
  work: (client: Client, leftMs: number) => Promise<T>,
  { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const endsAt = performance.now() + withinMs;
  const leftMs = () => Math.max(1, Math.round(endsAt - performance.now()));
  let gaveUp: unknown = null;
  let hasTurned = false;
  for (let failures = 0; ; failures += 1) {
    try {
      return await connection.use((client) =>
        work(client, leftMs()).catch((error: unknown) => {
          throw error instanceof TookTooLong && gaveUp !== null ? gaveUp : error;
        }),
      );
    } catch (error) {
      const meaning = meaningOf(error);
      const mayTurn: boolean = meaning === 'not-leader' && !hasTurned;
      if ((meaning !== 'given-up' && !mayTurn) || error === gaveUp || performance.now() >= endsAt) throw error;
      if (meaning === 'given-up') gaveUp = error;
      hasTurned ||= mayTurn;
      // The client turns to the leader a moment after it said so.
      if (failures === 0) await new Promise((resolve) => setImmediate(resolve));
      else await pause(Math.min(leftMs(), MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures), signal);
      if (signal?.aborted) throw error;
    }
  }
}

/** Never rejects. */
async function pause(longestMs: number, signal: AbortSignal | undefined): Promise<void> {
  // Equal pauses would let several processes hit a struggling server together.
  await delay(longestMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}
