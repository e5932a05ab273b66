/** What a registry wants before it answers. */
export type Challenge =
  { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly realm: string; readonly service: string | null };

const MOST_CHARS = 4_000;
const SCHEME = /^\s*(basic|bearer)(?:\s+|$)/i;
const PARAMETER = /^\s*,?\s*([a-z_]{1,30})=(?:"((?:[^"\\]|\\.){0,2000})"|([^\s",]{1,2000}))/i;

/** @returns null for what no registry says. Its scope is not looked at: nobody here needs more than to pull one repository. */
export function parseChallenge(header: string | null): Challenge | null {
  if (header === null || header.length > MOST_CHARS) return null;
  const scheme = SCHEME.exec(header);
  if (!scheme) return null;
  if (scheme[1]?.toLowerCase() === 'basic') return { kind: 'basic' };
  const parameters = new Map<string, string>();
  let rest = header.slice(scheme[0].length);
  for (let found = PARAMETER.exec(rest); found; found = PARAMETER.exec(rest)) {
    const [whole, name = '', quoted, plain = ''] = found;
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
    rest = rest.slice(whole.length);
  }
  const realm = parameters.get('realm');
  return realm === undefined ? null : { kind: 'bearer', realm, service: parameters.get('service') ?? null };
}
