import type { Position } from '../application/ports/event-store';

/** A position as checkpoints store it: `<commit>/<prepare>`, or `start` for before the first event. */
export type PositionText = string;
export const START: PositionText = 'start';

export function positionText({ commit, prepare }: Position): PositionText {
  return `${commit}/${prepare}`;
}

export function parsePosition(text: PositionText): Position | 'start' {
  if (text === START) return 'start';
  const [commit = '', prepare = ''] = text.split('/');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** Negative when `a` is before `b`. */
export function comparePositions(a: Position | 'start', b: Position | 'start'): number {
  if (a === 'start' || b === 'start') return Number(b === 'start') - Number(a === 'start');
  return compare(a.commit, b.commit) || compare(a.prepare, b.prepare);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
