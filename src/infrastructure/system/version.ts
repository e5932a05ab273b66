/** @returns whether dotted numbers (`2.39.5`) are at least as high as others; what is missing counts as 0. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [have, want] = [numbersOf(version), numbersOf(minimum)];
  const length = Math.max(have.length, want.length);
  const differing = Array.from({ length }, (_, place) => (have[place] ?? 0) - (want[place] ?? 0)).find(
    (difference) => difference !== 0,
  );
  return (differing ?? 0) >= 0;
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
