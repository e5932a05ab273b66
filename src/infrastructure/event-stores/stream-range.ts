import type { ReadStreamOptions } from '../../application/ports/event-store';
import type { Revision } from '../../domain/fact';

/** Above every revision that can be stored. */
const LAST = 2n ** 62n;

/** Which rows of a stream are read, for stores that have them by revision. */
export interface StreamRange {
  readonly isBackwards: boolean;
  /** Inclusive. */
  readonly from: Revision;
  readonly limit: number;
}

export function rangeOf({ from, direction = 'forwards', limit }: ReadStreamOptions): StreamRange {
  if (direction === 'backwards') {
    return { isBackwards: true, from: from === undefined || from === 'end' ? LAST : from, limit };
  }
  // Forwards from the end: its last event.
  if (from === 'end') return { isBackwards: true, from: LAST, limit: 1 };
  return { isBackwards: false, from: from ?? 0n, limit };
}
