import {
  LARGEST_PAGE,
  type Position,
  type ReadAllPage,
  type SubscribeOptions,
} from '../../application/ports/event-store';
import { Growth } from '../../application/growth';
import { backOff } from './back-off';

/** A page behind a position, and whether it ends where the log is known to end. */
export type ReadOn = (options: { after: Position; prefixes: readonly string[]; limit: number }) => Promise<ReadAllPage>;

/** What a store tells those who follow it. */
export class StoreGrowth extends Growth {
  /**
   * By an append of this process: followers hear of it when whoever appended has taken note. They would read what is just
   * being remembered.
   */
  grewHere(): void {
    setImmediate(() => {
      this.grew();
    });
  }
}

/**
 * The subscription of every store that can be read by position: pages, in order, each again until its handler takes it. Never rejects; a store that cannot be read is asked again, ever more slowly.
 */
export async function follow(
  readOn: ReadOn,
  growth: Growth,
  options: SubscribeOptions,
  start: Position,
): Promise<void> {
  const { signal, prefixes } = options;
  let at = options.after === 'start' ? start : options.after;
  let failures = 0;
  while (!isAborted(signal)) {
    try {
      const { seen } = growth;
      const page = await readOn({ after: at, prefixes, limit: LARGEST_PAGE });
      if (isAborted(signal)) return;
      if (page.events.length > 0 || page.next.commit !== at.commit) await options.onPage(page.events, page.next);
      at = page.next;
      failures = 0;
      if (!page.end) continue;
      options.onCaughtUp?.();
      await growth.after(seen, signal);
    } catch {
      // Told by what the handler or the store did: the page comes again.
      failures += 1;
      await backOff(failures, signal);
    }
  }
}

/** Asked anew each time: a handler may have aborted it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
