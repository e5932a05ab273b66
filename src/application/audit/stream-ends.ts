import { CHAIN_START } from '../envelope';
import { chainIn } from '../read-events';
import type { MovableEvent } from './event-line';

/** The last event of a stream that was read: what the next one has to follow. */
export interface StreamEnd {
  readonly revision: bigint | 'no-stream';
  readonly chain: string;
}

const BEFORE_ALL: StreamEnd = { revision: 'no-stream', chain: CHAIN_START };

/** Where each stream of a log has got to while it is read from its beginning: some 300 bytes for each. */
export class StreamEnds {
  private readonly streams = new Map<string, StreamEnd>();

  get size(): number {
    return this.streams.size;
  }

  /** Goes on to an event, by what that one says of itself. @returns what stood before it. */
  pass(event: Pick<MovableEvent, 'stream' | 'revision' | 'meta'>): StreamEnd {
    const before = this.streams.get(event.stream) ?? BEFORE_ALL;
    this.streams.set(event.stream, { revision: event.revision, chain: chainIn(event) });
    return before;
  }
}
