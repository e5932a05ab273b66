/**
 * What the format will hold but this version cannot do. Saying so beats "unknown key", and beats ignoring it: a gate that
 * was configured and never runs looks like one that passes.
 */
const KEYS: Readonly<Record<string, string>> = {
  image: 'check_image_fresh stays not-configured',
};
const VALUES: Readonly<Record<string, readonly string[]>> = {
  forge: ['github', 'gitea'],
  landing: ['merge', 'squash'],
};

/** @returns why a key of a project is refused, or null when it is no key of the format at all. */
export function unsupportedKey(key: string): string | null {
  const instead = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  return instead === undefined ? null : `not supported by this version yet, remove it: ${instead}`;
}

/** @returns why a value of a project's key is refused, or null when the format does not know it. */
export function unsupportedValue(key: string, value: unknown): string | null {
  if (!Object.hasOwn(VALUES, key) || !VALUES[key]?.some((known) => known === value)) return null;
  return `${key} ${String(value)} is not supported by this version yet, remove the line`;
}
