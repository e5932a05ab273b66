import type { Damage } from '../../domain/damage';
import type { EventStore, StoredEvent } from '../ports/event-store';
import type { Hasher } from '../ports/ids';
import { inChain, isUnreadable, readLogEvent } from '../read-events';
import { StreamEnds } from './stream-ends';

const PAGE = 500;

/** Reads streams from their beginnings and finds the first event of each that cannot be relied on. */
export class RecordCheck {
  private readonly ends = new StreamEnds();
  private readonly damaged = new Map<string, Damage>();

  constructor(private readonly hasher: Hasher | null) {}

  /** Events of a stream in their order; those of different streams as they come. */
  take(stored: StoredEvent): void {
    const { stream } = stored;
    const before = this.ends.pass(stored);
    if (this.damaged.has(stream)) return;
    const event = inChain(readLogEvent(stored), stored, before, this.hasher);
    if (isUnreadable(event)) this.damaged.set(stream, event.data);
  }

  get found(): readonly Damage[] {
    return [...this.damaged.values()];
  }
}

/** @returns null when the whole stream can be relied on, or there is none. */
export async function checkStream(store: EventStore, hasher: Hasher | null, stream: string): Promise<Damage | null> {
  const check = new RecordCheck(hasher);
  for (let from = 0n; ; from += BigInt(PAGE)) {
    const page = await store.readStream(stream, { from, limit: PAGE });
    for (const stored of page) check.take(stored);
    if (page.length < PAGE || check.found.length > 0) return check.found[0] ?? null;
  }
}
