/** What the count of tests can say against a suite that ended with exit code 0. */
export const WITNESS_REASONS = [
  'no_tests_ran',
  'too_few_tests',
  'no_test_report',
  'tests_vanished',
  'exit_code_lost',
] as const;
export type WitnessReason = (typeof WITNESS_REASONS)[number];

export interface WitnessFinding {
  readonly reason: WitnessReason;
  /** What was seen, a line each. */
  readonly evidence: readonly string[];
}
