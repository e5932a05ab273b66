import {
  EventRefused,
  EventStore,
  RevisionConflict,
  type AppendResult,
  type ReadAllPage,
  type StoredEvent,
  type StoreInfo,
  type Subscription,
} from '../../application/ports/event-store';
import type { Telemetry } from '../../application/ports/telemetry';

/** A store whose appends are told to whoever watches. */
export class ObservedEventStore extends EventStore {
  constructor(
    private readonly store: EventStore,
    private readonly telemetry: Telemetry,
  ) {
    super();
  }

  get info(): StoreInfo {
    return this.store.info;
  }

  append(...[stream, expected, events, options]: Parameters<EventStore['append']>): Promise<AppendResult> {
    const facts = { stream: kindOf(stream), events: events.length };
    return this.telemetry.step('append', facts, async (note) => {
      try {
        const result = await this.store.append(stream, expected, events, options);
        note({ outcome: 'stored' });
        return result;
      } catch (error) {
        note({ outcome: outcomeOf(error) });
        throw error;
      }
    });
  }

  readStream(...asked: Parameters<EventStore['readStream']>): Promise<StoredEvent[]> {
    return this.store.readStream(...asked);
  }

  readAll(...asked: Parameters<EventStore['readAll']>): Promise<ReadAllPage> {
    return this.store.readAll(...asked);
  }

  subscribe(...asked: Parameters<EventStore['subscribe']>): Subscription {
    return this.store.subscribe(...asked);
  }

  mustTake(...asked: Parameters<EventStore['mustTake']>): Promise<void> {
    return this.store.mustTake(...asked);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** What its name begins with: one of few. */
function kindOf(stream: string): string {
  return /^[a-z]+/.exec(stream)?.[0] ?? '';
}

function outcomeOf(error: unknown): string {
  if (error instanceof RevisionConflict) return 'conflict';
  return error instanceof EventRefused ? 'refused' : 'failed';
}
