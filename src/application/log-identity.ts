import type { EventStore, StoredEvent } from './ports/event-store';

/** Hexadecimal digits: enough to keep the few logs apart that ever meet in one repository. */
const NAME_LENGTH = 16;

/** Which log this is, by its first event: every replica reads the same, and a log that is begun anew is another one. */
export class LogIdentity {
  private known: StoredEvent | null = null;

  constructor(private readonly store: EventStore) {}

  /**
   * Names the log for refs that outlive it. A log that was moved to another store keeps its name.
   *
   * @throws when the log is empty: nobody has been granted anything yet, so nobody may ask.
   */
  async name(): Promise<string> {
    const name = await this.nameIfAny();
    if (name === null) throw new Error('an empty log has no name');
    return name;
  }

  /** @returns null while the log is empty. */
  async nameIfAny(): Promise<string | null> {
    const first = await this.first();
    if (!first) return null;
    const { chain } = first.meta;
    // What somebody else has written may have none; its place in the log still names it.
    return (typeof chain === 'string' ? chain : first.id).slice(0, NAME_LENGTH);
  }

  /**
   * Names the log where it is: positions mean nothing in another store. Times of recording are not moved along, so they
   * tell one place from the other. Empty while the log is.
   */
  async place(): Promise<string> {
    const first = await this.first();
    return first ? `${first.id} ${first.recordedAt.toISOString()}` : '';
  }

  /**
   * Whether the log holds an event that was once seen in it. It does not when it was replaced by an older copy of itself.
   *
   * @param seen made by `seenText`; empty for nothing, which every log holds.
   */
  async holds(seen: string): Promise<boolean> {
    if (seen === '') return true;
    const [id, revision = '', stream = ''] = seen.split(' ');
    const [event] = await this.store.readStream(stream, { from: BigInt(revision), limit: 1 });
    return event?.id === id;
  }

  private async first(): Promise<StoredEvent | null> {
    if (this.known) return this.known;
    const { events } = await this.store.readAll({ prefixes: [''], limit: 1 });
    return (this.known = events[0] ?? null);
  }
}

export function seenText({ id, revision, stream }: StoredEvent): string {
  return `${id} ${revision} ${stream}`;
}
