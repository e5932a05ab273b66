import type { Position } from '../../../application/ports/event-store';

/** Before everything. */
export const START: Position = { commit: 0n, prepare: 0n };

/** Streams of ours: the server's own begin with `$`. */
export const IN_CATEGORY = /^[a-z][a-z0-9]*-/;

export function isAtOrBehind(one: Position, other: Position): boolean {
  if (one.commit !== other.commit) return one.commit > other.commit;
  return one.prepare >= other.prepare;
}

export function later(one: Position, other: Position): Position {
  return isAtOrBehind(one, other) ? one : other;
}
