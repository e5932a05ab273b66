import type { StoredEvent } from '../../../src/application/ports/event-store';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';

/** The real thing, with a look at all of it. */
export class ReadableLog extends MemoryEventStore {
  async events(): Promise<readonly StoredEvent[]> {
    const { events } = await this.readAll({ prefixes: [''], limit: Number.MAX_SAFE_INTEGER });
    return events;
  }

  async last(): Promise<StoredEvent> {
    const last = (await this.events()).at(-1);
    if (!last) throw new Error('the log is empty');
    return last;
  }
}
