/** What the format will hold but this version cannot do: saying so beats "expected another value". */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  forge: ['github', 'gitea'],
  landing: ['merge', 'squash'],
};

/** @returns why a value of a project's key is refused, or null when the format does not know it. */
export function unsupportedValue(key: string, value: unknown): string | null {
  if (!Object.hasOwn(VALUES, key) || !VALUES[key]?.some((known) => known === value)) return null;
  return `${key} ${String(value)} is not supported by this version yet, remove the line`;
}
