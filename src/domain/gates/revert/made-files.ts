/** Of a `.gitattributes` of main: what it says of files below its folder. */
export interface AttributesFile {
  /** Of its folder; '' at the top. */
  readonly folder: string;
  readonly text: string;
}

const NAMES = ['linguist-generated', 'linguist-vendored'];

interface Line {
  readonly folder: string;
  readonly pattern: RegExp;
  readonly isDeep: boolean;
  readonly said: ReadonlyMap<string, boolean | null>;
}

/**
 * Which files are generated or vendored, as `linguist-generated` and `linguist-vendored` say. As git reads attributes: a deeper file comes
 * before a higher one, a later line before an earlier one. Macros are not looked into.
 */
export function madeFiles(files: readonly AttributesFile[]): (path: string) => boolean {
  const deepestLast = [...files].sort((one, other) => one.folder.length - other.folder.length);
  const lines = deepestLast.flatMap(({ folder, text }) => text.split('\n').flatMap((line) => lineOf(folder, line)));
  return (path) =>
    NAMES.some((name) => lines.findLast((line) => line.said.has(name) && fits(line, path))?.said.get(name) === true);
}

/** Folders in which a `.gitattributes` may speak of the path, the highest first. */
export function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return ['', ...names.map((_, at) => names.slice(0, at + 1).join('/'))];
}

function lineOf(folder: string, text: string): readonly Line[] {
  const [, quoted, plain = quoted ?? '', rest = ''] =
    /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"#][^\s]*))\s+(.*)$/.exec(text.replace(/\r$/, '')) ?? [];
  if (plain === '' || plain.startsWith('!') || plain.startsWith('[attr]')) return [];
  const said = new Map(rest.split(/\s+/).flatMap(saidBy));
  if (said.size === 0) return [];
  const anchored = plain.replace(/^\//, '');
  return [{ folder, pattern: globOf(anchored), isDeep: !plain.includes('/'), said }];
}

function saidBy(word: string): readonly (readonly [string, boolean | null])[] {
  const [, sign = '', name = '', value] = /^([-!]?)([^=]+)(?:=(.*))?$/.exec(word) ?? [];
  if (!NAMES.includes(name)) return [];
  if (sign === '!') return [[name, null]];
  return [[name, sign === '' && value !== 'false']];
}

function fits({ folder, pattern, isDeep }: Line, path: string): boolean {
  if (folder !== '' && !path.startsWith(`${folder}/`)) return false;
  const below = folder === '' ? path : path.slice(folder.length + 1);
  return pattern.test(isDeep ? (below.split('/').at(-1) ?? '') : below);
}

/** `*` and `?` within a name, `**` for folders, sets in brackets. */
function globOf(pattern: string): RegExp {
  const parts = pattern.match(/\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]]+\]|\\.|./gs) ?? [];
  return new RegExp(`^${parts.map(partOf).join('')}$`, 's');
}

function partOf(part: string): string {
  if (part === '**/') return '(?:.*/)?';
  if (part === '/**') return '/.*';
  if (part.startsWith('*')) return '[^/]*';
  if (part === '?') return '[^/]';
  if (part.length > 2 && part.startsWith('[')) return setOf(part);
  return literal(part.startsWith('\\') ? part.slice(1) : part);
}

function setOf(part: string): string {
  const inside = part.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\');
  try {
    return new RegExp(`[${inside}]`).source;
  } catch {
    // No set: its range runs backwards.
    return literal(part);
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
