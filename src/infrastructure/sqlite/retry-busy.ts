import { setTimeout as delay } from 'node:timers/promises';
import { StoreBusy } from '../../application/ports/event-store';

/** How long SQLite itself may wait for a lock: it waits on the event loop's thread, so hardly at all. */
export const BUSY_TIMEOUT_MS = 20;
/** How long a locked database is tried again, off the event loop, before the caller is told. */
const GIVE_UP_AFTER_MS = 5_000;
const PAUSE_AT_MOST_MS = 40;

/**
 * Repeats `work` while another process holds the lock.
 *
 * @param work runs again and again, so it must hold nothing but the one statement that meets the lock.
 * @param what the file, for a person.
 * @throws StoreBusy when that takes longer than 5 s.
 */
export async function retryBusy<T>(work: () => T, what = 'read models'): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - startedAt > GIVE_UP_AFTER_MS) throw tooBusy(what, error);
      // Equal pauses would let waiting processes meet again and again.
      await delay(1 + Math.random() * PAUSE_AT_MOST_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  // Also SQLITE_BUSY_RECOVERY: somebody clears up after a process that was killed.
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

function tooBusy(what: string, cause: unknown): StoreBusy {
  const message = `expected the ${what} to be free within ${GIVE_UP_AFTER_MS} ms, another process still writes; try again`;
  return new StoreBusy('STORE_BUSY', message, { cause });
}
