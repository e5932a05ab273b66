/** A promise that a log breaks, and where. */
export interface Violation {
  readonly invariant: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly detail: string;
}
