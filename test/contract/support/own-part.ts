import {
  EventStore,
  RevisionConflict,
  type NewEvent,
  type Position,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../../src/application/ports/event-store';

/**
 * A part of a log that is never emptied, as if it were a log of its own: what came before is not there, and a run's streams
 * have names that no other run has.
 */
export class OwnPart extends EventStore {
  /**
   * @param start where the part begins.
   * @param mark makes the names of its streams its own, such as `7f3a.`
   */
  constructor(
    private readonly store: EventStore,
    private readonly start: Position,
    private readonly mark: string,
  ) {
    super();
  }

  get info(): StoreInfo {
    return this.store.info;
  }

  append(...[stream, expected, events, options]: Parameters<EventStore['append']>) {
    return this.store
      .append(this.marked(stream), expected, events, options)
      .catch((error: unknown) => this.told(error));
  }

  mustTake(events: readonly NewEvent[]): Promise<void> {
    return this.store.mustTake(events);
  }

  async readStream(...[stream, options]: Parameters<EventStore['readStream']>): Promise<StoredEvent[]> {
    const events = await this.store
      .readStream(this.marked(stream), options)
      .catch((error: unknown) => this.told(error));
    return events.map((event) => this.unmarkedEvent(event));
  }

  async readAll({ after = this.start, prefixes, limit }: Parameters<EventStore['readAll']>[0]) {
    const page = await this.store.readAll({ after, prefixes: this.markedPrefixes(prefixes), limit });
    return { ...page, events: page.events.map((event) => this.unmarkedEvent(event)) };
  }

  subscribe(options: SubscribeOptions): Subscription {
    return this.store.subscribe({
      ...options,
      after: options.after === 'start' ? this.start : options.after,
      prefixes: this.markedPrefixes(options.prefixes),
      onPage: (events, next) =>
        options.onPage(
          events.map((event) => this.unmarkedEvent(event)),
          next,
        ),
    });
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private marked(stream: string): string {
    return typeof stream === 'string' ? stream.replace(/^([a-z][a-z0-9]*-)(?=.)/, `$1${this.mark}`) : stream;
  }

  private markedPrefixes(prefixes: readonly string[]): readonly string[] {
    return prefixes.map((prefix) => this.marked(prefix));
  }

  private unmarkedEvent(event: StoredEvent): StoredEvent {
    return { ...event, stream: this.unmarked(event.stream) };
  }

  private unmarked(stream: string): string {
    return stream.replace(`-${this.mark}`, '-');
  }

  private told(error: unknown): never {
    if (error instanceof RevisionConflict) {
      throw new RevisionConflict(this.unmarked(error.stream), error.expected, error.actual);
    }
    throw error;
  }
}
