import type { Position } from './ports/event-store';

/** Negative when `a` is before `b`. */
export function comparePositions(a: Position | 'start', b: Position | 'start'): number {
  if (a === 'start' || b === 'start') return Number(b === 'start') - Number(a === 'start');
  return compare(a.commit, b.commit) || compare(a.prepare, b.prepare);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
