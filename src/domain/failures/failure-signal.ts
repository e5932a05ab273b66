/**
 * The part of a job that failed: `suite` is what judges the change, `setup` what prepares it, `service` what stagegate does
 * itself (git, artifacts, the event store).
 */
export const FAILURE_STEPS = ['suite', 'setup', 'service'] as const;
export type FailureStep = (typeof FAILURE_STEPS)[number];

/** Everything that a classification may rest on. The same signal gives the same class for ever, under the same rules. */
export interface FailureSignal {
  readonly step: FailureStep;
  /** What the process runner or a port says has happened; null: the command ended by itself. */
  readonly reason: string | null;
  /** With what the command ended, where it did by itself. */
  readonly exitCode: number | null;
  /** As the operator configured it; never what the branch says. Null where no command ran. */
  readonly command: string | null;
  /** The kernel killed something of the run for want of memory. */
  readonly isOomKilled: boolean;
  /** What was printed or said, one text for each stream. */
  readonly output: readonly string[];
}

/** A run that ended by itself, told by its exit code alone. */
export const BARE_SIGNAL: FailureSignal = {
  step: 'suite',
  reason: null,
  exitCode: null,
  command: null,
  isOomKilled: false,
  output: [],
};
