import type { Fact } from './fact';

/** An event of a stream that this program cannot go by: what stands behind it cannot be relied on either. */
export interface Damage {
  readonly stream: string;
  /** As text, as JSON has no form for it. */
  readonly revision: string;
  readonly type: string;
  /** What was expected and what was seen instead. */
  readonly reason: string;
}

/** Stands in the place of such an event wherever events are folded. Made by who reads the log, and never stored. */
export type Unreadable = Fact<'Unreadable', Damage>;

export const CORRUPT = 'STORE_CORRUPT';

/** One line for people. */
export function damageText({ stream, revision, type, reason }: Damage): string {
  return `${CORRUPT}: ${stream} revision ${revision} (${type}): ${reason}`;
}
