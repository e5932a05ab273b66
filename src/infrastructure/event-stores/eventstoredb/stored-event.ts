import { StoreCorrupt, type Position, type StoredEvent } from '../../../application/ports/event-store';
import { contentsOf } from '../event-contents';

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

/** @throws StoreCorrupt where the server does not say where it stands, as of deleted streams */
export function toStored(recorded: Recorded): StoredEvent {
  const { id, type, streamId: stream, revision, created: recordedAt, data, metadata = {}, position } = recorded;
  if (!position) {
    const text = `${stream}: expected every event to have a place in the log, saw none at revision ${revision}; restore it`;
    throw new StoreCorrupt('STORE_CORRUPT', text);
  }
  return { id, type, ...contentsOf(data, metadata), stream, revision, position, recordedAt };
}
