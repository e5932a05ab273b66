/**
 * What is asked of every event: that its stream leads to it without a gap (`sequence`), that it carries the hash of itself and of the
 * one before it (`chain`), that it says what its type says (`shape`); and of a file, that it is spelt as it was written (`file`).
 */
export const CHECKS = ['sequence', 'chain', 'shape', 'file'] as const;
export type Check = (typeof CHECKS)[number];

/** One thing that is not what was written. */
export interface Finding {
  readonly check: Check;
  /** Where: a position in the store, or a line of the file. */
  readonly place: string;
  /** null for what is no event. */
  readonly event: { readonly stream: string; readonly revision: string; readonly type: string } | null;
  /** What was expected and what was seen. */
  readonly text: string;
}

/** Events that a later version wrote: what holds for them, this version cannot know. */
export interface Unjudged {
  readonly type: string;
  readonly version: number;
  readonly events: number;
}
