import { chainOf } from '../envelope';
import { revisionAfter } from '../read-events';
import { StreamEnds } from './stream-ends';
import type { Hasher } from '../ports/ids';
import type { StoredEvent } from '../ports/event-store';
import { LogRefused } from './log-refused';
import type { MovableEvent } from './event-line';

/**
 * Reads a log from its beginning and says where it is not what was written: revisions without a gap, and each event with
 * the hash over itself and the one before it. Keeps some 300 bytes for each stream, nothing for each event.
 */
export class ChainCheck {
  private readonly ends = new StreamEnds();

  constructor(private readonly hasher: Hasher) {}

  /** As `take`, for a store. @throws LogRefused for an event that is not what was written */
  demand(event: StoredEvent): void {
    const fault = event.fault ?? this.take(event);
    if (fault === null) return;
    const place = `${event.stream} ${event.revision} (${event.type})`;
    throw new LogRefused(`event store: STORE_CORRUPT at ${place}: ${fault}; the log was changed: restore it`);
  }

  /** @returns expected and seen; null when the event follows the one before it in its stream. */
  take(event: MovableEvent): string | null {
    const { stream, revision, meta } = event;
    const before = this.ends.pass(event);
    const expected = revisionAfter(before);
    if (revision !== expected) return `expected revision ${expected} of ${stream}, saw ${revision}`;
    const chain = chainOf(this.hasher, before.chain, event);
    if (meta['chain'] !== chain)
      return `expected ${stream} ${revision} to carry the hash of itself and of the event before it, saw another one`;
    return null;
  }
}
