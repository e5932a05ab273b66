import type { Position } from './ports/event-store';

/** A position as checkpoints store it: `<commit>/<prepare>`, or `start` for before the first event. */
export type PositionText = string;
export const START: PositionText = 'start';

/** As `position` in every view; on most stores its two parts are the same, and one may be left out. */
const WRITTEN = /^(0|[1-9]\d{0,18})(?:\/(0|[1-9]\d{0,18}))?$/;

export function positionText({ commit, prepare }: Position): PositionText {
  return `${commit}/${prepare}`;
}

export function parsePosition(text: PositionText): Position | 'start' {
  if (text === START) return 'start';
  const [commit = '', prepare = ''] = text.split('/');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** A position that somebody has written; 0 is before the first event. @returns null when it is none. */
export function writtenPosition(text: string): Position | null {
  if (text === START) return { commit: 0n, prepare: 0n };
  const [, commit, prepare = commit] = WRITTEN.exec(text) ?? [];
  if (commit === undefined || prepare === undefined) return null;
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
