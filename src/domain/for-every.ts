/** One value for each name, in their order. */
export function forEvery<Name extends string, T>(
  names: readonly Name[],
  value: (name: Name) => T,
): Readonly<Record<Name, T>> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}
