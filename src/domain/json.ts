/** Values that survive `JSON.stringify` unchanged in every store; see `assertPortable` in application/ports/event-store.ts. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/**
 * Canonical JSON (RFC 8785 for the values that events may hold): keys sorted by UTF-16 code unit, no white space,
 * `undefined` members dropped. Two equal values give the same text on every store, which is what the hash chain and
 * every digest of a policy or suite are computed from.
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalJson).join(',')}]`;
  const object = value as JsonObject;
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue;
    members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
