/** A deliberate fault: in `file`, the text `find` (which must stand there exactly once) becomes `replace`. */
export interface Mutant {
  readonly name: string;
  /** Invariants of which at least one has to notice it. */
  readonly caughtBy: readonly string[];
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** First seed to try, a little before the first that notices it; 1 unless the fault is rare. */
  readonly from?: number;
}
