import {
  LARGEST_PAGE,
  type Position,
  type StoredEvent,
  type SubscribeOptions,
} from '../../../application/ports/event-store';
import { backOff } from '../back-off';
import type { Connection } from './server/connection';
import type { EventQueue } from './calls/event-queue';
import { START } from './places';

interface Page {
  readonly events: readonly StoredEvent[];
  readonly next: Position;
  readonly isCaughtUp: boolean;
}

/**
 * A subscription that outlives its connections: the client's own falls silent when its server was gone. Each page again
 * until its handler takes it. Never rejects.
 *
 * @param onFailure is told why there was a break.
 */
export async function followLog(
  connection: Connection,
  options: SubscribeOptions,
  confirmedWithinMs: number,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { signal } = options;
  let at = options.after === 'start' ? START : options.after;
  for (let failures = 0; !isAborted(signal);) {
    let queue: EventQueue | null = null;
    try {
      await connection.use(async (client) => {
        queue = client.subscribe(at, options.prefixes, confirmedWithinMs);
        for (let page = await nextPage(queue, at, signal); page; page = await nextPage(queue, at, signal)) {
          failures = 0;
          await untilTaken(page, at, options);
          at = page.next;
          if (page.isCaughtUp && !isAborted(signal)) options.onCaughtUp?.();
        }
      });
    } catch (error) {
      onFailure(error);
      failures += 1;
    } finally {
      (queue as EventQueue | null)?.stop();
    }
    if (!isAborted(signal)) await backOff(failures, signal);
  }
}

/** What waits in a queue, as one page; waits until something does. @returns null when `signal` aborts. @throws as the queue */
async function nextPage(queue: EventQueue, after: Position, signal: AbortSignal): Promise<Page | null> {
  const events: StoredEvent[] = [];
  let next = after;
  do {
    const told = await queue.next(signal);
    if (told === null) return null;
    if (told.kind === 'caught-up') return { events, next, isCaughtUp: true };
    if (told.kind === 'event') events.push(told.event);
    next = told.kind === 'event' ? told.event.position : told.position;
  } while (!queue.isEmpty && events.length < LARGEST_PAGE);
  return { events, next, isCaughtUp: false };
}

async function untilTaken({ events, next }: Page, at: Position, { onPage, signal }: SubscribeOptions): Promise<void> {
  if (events.length === 0 && next.commit === at.commit) return;
  for (let failures = 1; !isAborted(signal); failures += 1) {
    try {
      await onPage(events, next);
      return;
    } catch {
      // Told by what the handler did: it gets the same again.
      await backOff(failures, signal);
    }
  }
}

/** Asked anew each time: a handler may have aborted it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
