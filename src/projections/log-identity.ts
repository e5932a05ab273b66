import type { EventStore, StoredEvent } from '../application/ports/event-store';
import { StreamNotFound } from '../application/ports/event-store';

/**
 * Which log this is, by its first event: positions mean nothing in another one. A log that was moved to another store
 * keeps its events but not the times at which they were recorded, so it is another log.
 */
export class LogIdentity {
  private known = '';

  constructor(private readonly store: EventStore) {}

  /** Empty while the log is. */
  async get(): Promise<string> {
    if (this.known !== '') return this.known;
    const { events } = await this.store.readAll({ prefixes: [''], limit: 1 });
    const [first] = events;
    if (first) this.known = `${first.id} ${first.recordedAt.toISOString()}`;
    return this.known;
  }

  /**
   * Whether the log holds an event that was once seen in it. It does not when it was replaced by an older copy of itself.
   *
   * @param seen made by `seenText`; empty for nothing, which every log holds.
   */
  async holds(seen: string): Promise<boolean> {
    if (seen === '') return true;
    const [id, revision = '', stream = ''] = seen.split(' ');
    try {
      const [event] = await this.store.readStream(stream, { from: BigInt(revision), limit: 1 });
      return event?.id === id;
    } catch (error) {
      if (error instanceof StreamNotFound) return false;
      throw error;
    }
  }
}

export function seenText({ id, revision, stream }: StoredEvent): string {
  return `${id} ${revision} ${stream}`;
}
