/** States hold one kind of value that JSON has no form for: their revision. */
const BIGINT = /^-?\d+n$/;
const REVISION = 'revision';
const HAS_REVISION = /"revision":"-?\d+n"/;

/** A state as text; equal states give equal text, whatever order their members came in. */
export function stateText(state: unknown): string {
  if (state === null || typeof state !== 'object') return plainText(state);
  if (Array.isArray(state)) return `[${state.map(stateText).join(',')}]`;
  let members = '';
  for (const name of sorted(Object.keys(state))) {
    const member = (state as Readonly<Record<string, unknown>>)[name];
    if (member !== undefined) members += `${members && ','}${JSON.stringify(name)}:${stateText(member)}`;
  }
  return `{${members}}`;
}

/** Most are sorted already: that is found out sooner than sorted again. */
function sorted(names: string[]): readonly string[] {
  for (let at = 1; at < names.length; at += 1) if ((names[at - 1] ?? '') > (names[at] ?? '')) return names.sort();
  return names;
}

/** @param text made by `stateText` from what the caller casts the result to. */
export function parseState(text: unknown): unknown {
  const state: unknown = JSON.parse(String(text));
  // A function that JSON.parse calls for every member would take five times as long as parsing.
  if (HAS_REVISION.test(String(text))) reviveRevisions(state);
  return state;
}

function reviveRevisions(state: unknown): void {
  if (state === null || typeof state !== 'object') return;
  const members = state as Record<string, unknown>;
  for (const [name, value] of Object.entries(members)) {
    if (name === REVISION && typeof value === 'string' && BIGINT.test(value))
      members[name] = BigInt(value.slice(0, -1));
    else reviveRevisions(value);
  }
}

function plainText(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  return value === undefined ? 'null' : JSON.stringify(value);
}
