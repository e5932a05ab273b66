import type { Position } from '../../application/ports/event-store';

export { comparePositions } from '../../application/position';

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
