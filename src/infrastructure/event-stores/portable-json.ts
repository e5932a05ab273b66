/** Deeper than any event has a reason to be, and far from where parsers and stacks give up. */
const MAX_DEPTH = 64;

/** Where a value is not portable, and why. */
export interface Unportable {
  /** `.a[2].b` */
  readonly path: string;
  readonly reason: string;
}

/**
 * Looks for what some store would hang on, change or refuse: jsonb, for example, cannot hold NUL and rounds large numbers.
 *
 * @returns null when every store gives the value back as it was.
 */
export function findUnportable(value: unknown, depth = 0): Unportable | null {
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return isPortableNumber(value) ? null : here(`${Object.is(value, -0) ? '-0' : String(value)} does not survive`);
    case 'string':
      return textFault(value);
    case 'object':
      if (value === null) return null;
      if (depth === MAX_DEPTH) return here(`more than ${MAX_DEPTH} levels, or a circle`);
      return Array.isArray(value) ? inList(value, depth + 1) : inObject(value, depth + 1);
    default:
      return here(`${typeof value} is no JSON`);
  }
}

/** Of this realm or another one: a plain object's prototype has none itself. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === null || Object.getPrototypeOf(proto) === null;
}

function isPortableNumber(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !Object.is(value, -0);
  return Number.isFinite(value);
}

function textFault(text: string): Unportable | null {
  if (text.includes('\u0000')) return here('text with NUL does not survive');
  if (!text.isWellFormed()) return here('text with half a surrogate pair does not survive');
  return null;
}

function inList(list: readonly unknown[], depth: number): Unportable | null {
  // By index: `forEach` passes over holes, which would come back as null.
  for (let index = 0; index < list.length; index += 1) {
    const found = findUnportable(list[index], depth);
    if (found) return { ...found, path: `[${index}]${found.path}` };
  }
  return null;
}

function inObject(value: object, depth: number): Unportable | null {
  if (!isPlainObject(value)) return here('only plain objects are JSON');
  for (const [key, member] of Object.entries(value)) {
    // Members without a value are dropped by JSON, here as everywhere.
    if (member === undefined) continue;
    const found = textFault(key) ?? findUnportable(member, depth);
    if (found) return { ...found, path: `.${key}${found.path}` };
  }
  return null;
}

function here(reason: string): Unportable {
  return { path: '', reason };
}
