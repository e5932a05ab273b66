/**
 * How often a test repeats a race or a kill at a random moment: `full` times when STAGEGATE_TEST_ROUNDS is `full`, else
 * `few` times. Every failure point it aims at must be among the few.
 */
export function rounds(full: number, few: number): number {
  return process.env['STAGEGATE_TEST_ROUNDS'] === 'full' ? full : few;
}
