/** Whose turn it is in a lane: the highest first. One digit, so that a turn can be a text. */
export const PRIORITIES = { lowest: 0, usual: 5, highest: 9 } as const;

export function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= PRIORITIES.lowest && value <= PRIORITIES.highest;
}

/** Completes "expected …". */
export const A_PRIORITY = `a whole number from ${PRIORITIES.lowest} to ${PRIORITIES.highest}`;
