/**
 * A test of something that not every machine allows. Where it does not, the test is listed as skipped with the reason, so
 * that nobody takes it for passed.
 *
 * @param obstacle null when there is none.
 */
export function testWherePossible(
  obstacle: string | null,
  name: string,
  work: () => Promise<void>,
  limitMs?: number,
): void {
  if (obstacle === null) test(name, work, limitMs);
  else test.skip(`${name} (skipped: ${obstacle})`, work);
}
