import { StreamNotFound, type EventStore, type StoredEvent } from './ports/event-store';

/** Events of a stream from a revision on. One that does not exist has none. */
export async function readPage(
  store: EventStore,
  stream: string,
  from: bigint,
  limit: number,
): Promise<readonly StoredEvent[]> {
  try {
    return await store.readStream(stream, { from, limit });
  } catch (error) {
    if (error instanceof StreamNotFound) return [];
    throw error;
  }
}
