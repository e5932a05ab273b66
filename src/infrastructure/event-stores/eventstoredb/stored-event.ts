import { StoreCorrupt, type Position, type StoredEvent } from '../../../application/ports/event-store';
import { isPlainObject } from '../portable-json';
import type { JsonObject } from '../../../domain/json';

/** An event as the client gives it. */
export interface Recorded {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly created: Date;
  /** Text when it is no JSON, bytes when it was never meant to be. */
  readonly data: unknown;
  readonly metadata?: unknown;
  readonly position?: Position;
}

/** @throws StoreCorrupt for what this program cannot have written. */
export function toStored(recorded: Recorded): StoredEvent {
  const { id, type, streamId: stream, revision, created: recordedAt, data, metadata = {}, position } = recorded;
  if (!isPlainObject(data) || !isPlainObject(metadata) || !position) {
    throw new StoreCorrupt(
      'STORE_CORRUPT',
      `${stream}: expected events of this program, saw one at revision ${revision} that is none; give the service a server of its own`,
    );
  }
  return { id, type, data: data as JsonObject, meta: metadata as JsonObject, stream, revision, position, recordedAt };
}
