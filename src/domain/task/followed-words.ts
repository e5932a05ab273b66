/** Goes after "the files followed": which did not, why, and what a person does about it. */
export function leftWords({
  left,
  fault,
}: {
  readonly left: readonly string[];
  readonly fault?: string | undefined;
}): string {
  if (left.length === 0) return '';
  const why = fault === undefined ? 'which somebody changed meanwhile' : `which git could not write (${fault})`;
  return `, but not ${left.join(', ')}, ${why}; see "git diff" there`;
}
