import { canonicalJson, type JsonValue } from '../domain/json';

/** States hold one kind of value that JSON has no form for: their revision. */
const BIGINT = /^-?\d+n$/;
const REVISION = 'revision';

/** A state as text; equal states give equal text, whatever order their members came in. */
export function stateText(state: unknown): string {
  const plain: unknown = JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
  return canonicalJson(plain as JsonValue);
}

/** @param text made by `stateText` from what the caller casts the result to. */
export function parseState(text: unknown): unknown {
  return JSON.parse(String(text), (name, value: unknown) =>
    name === REVISION && typeof value === 'string' && BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}
