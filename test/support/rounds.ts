/**
 * How often a test repeats a race or a kill at a random moment: `full` times when STAGEGATE_SELFTEST_ROUNDS is `full`, else
 * `few` times. Every failure point it aims at must be among the few.
 */
export function rounds(full: number, few: number): number {
  return process.env['STAGEGATE_SELFTEST_ROUNDS'] === 'full' ? full : few;
}

/** As `rounds`, and `all` times when STAGEGATE_SELFTEST_MATRIX is `full`: what takes minutes and is done before a release. */
export function roundsOrAll(all: number, full: number, few: number): number {
  return isWholeMatrix() ? all : rounds(full, few);
}

/**
 * The members of a table that a test tries one by one: all of them when STAGEGATE_SELFTEST_MATRIX is `full`, else the first `few`.
 * For tables whose members take a minute each, and which another test tries all at once.
 */
export function members<T>(all: readonly T[], few: number): readonly T[] {
  return isWholeMatrix() ? all : all.slice(0, few);
}

function isWholeMatrix(): boolean {
  return process.env['STAGEGATE_SELFTEST_MATRIX'] === 'full';
}
