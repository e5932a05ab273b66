import type { Position, StoredEvent } from '../../application/ports/event-store';
import { whenOf } from '../../application/read-events';
import { epochMs, parseInstant, type Instant } from '../../domain/instant';
import { writtenPosition } from '../../application/position';
import { comparePositions, positionText } from '../events/position';

/** A place in the past of the log: up to and with a position, or a moment. */
export type PastPlace =
  { readonly by: 'position'; readonly position: Position } | { readonly by: 'instant'; readonly instant: Instant };

/** @returns null when it is neither a position nor an instant. */
export function parsePastPlace(text: string): PastPlace | null {
  const position = writtenPosition(text);
  if (position) return { by: 'position', position };
  const at = parseInstant(text);
  return at === null ? null : { by: 'instant', instant: at };
}

/** The same place, the same text. */
export function placeText(place: PastPlace): string {
  return place.by === 'position' ? positionText(place.position) : place.instant;
}

/** Whether an event belongs to what had not happened yet. */
export function isAfter(event: StoredEvent, place: PastPlace): boolean {
  if (place.by === 'position') return comparePositions(event.position, place.position) > 0;
  return happenedMs(event) > epochMs(place.instant);
}

/**
 * When an event happened. A worker's clock may be ahead of the store's, and a log that was moved was recorded later than it
 * happened: the earlier one of the two is right in both cases.
 */
export function happenedMs(event: StoredEvent): number {
  return Math.min(epochMs(whenOf(event).at), event.recordedAt.getTime());
}
