import { plainText } from '../../../domain/staging/plain-text';

/** One line of `git ls-tree -r -t`, with its path byte by byte (latin1). */
export interface TreeEntry {
  readonly mode: string;
  /** As its mode says: `blob`, `tree` or `commit`. */
  readonly kind: string;
  readonly oid: string;
  readonly path: string;
}

const TREE = '040000';
const LINK = '120000';
const COMMIT = '160000';
/** What Linux takes; a file system that takes less is the machine's. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4095;
/** Names that git takes for its own, in the spellings of every file system it guards. */
const RESERVED = /^(?:\.{0,2}|\.git[ .]*(?::.*)?|git~1)$/i;
/** As a link it could make git read something outside. */
const NO_LINKS = /^\.gitmodules$/i;

/** Splits what `git ls-tree -r -t -z` prints. */
export function entriesOf(listing: string): readonly TreeEntry[] {
  return listing
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', kind = '', oid = ''] = line.slice(0, tab).split(' ');
      return { mode, kind, oid, path: line.slice(tab + 1) };
    });
}

/** Entries that are links, whose targets a file system has to take too. */
export function linksIn(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.filter(({ mode }) => mode === LINK);
}

/** Entries that are commits of other repositories. */
export function gitlinksIn(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.filter(({ mode }) => mode === COMMIT);
}

/**
 * What keeps a tree from being checked out as it is, whatever the machine.
 *
 * @param entries in the order of the tree, each folder before what is in it.
 * @returns what is wrong, for whoever wrote it; null when nothing is.
 */
export function faultIn(entries: readonly TreeEntry[]): string | null {
  const seen: Seen = { folders: new Map([['', '']]), paths: new Set() };
  for (const entry of entries) {
    const fault = faultOfEntry(entry, seen);
    if (fault !== null) return fault;
  }
  return null;
}

interface Seen {
  /** With the sorting key of the last entry seen in each. */
  readonly folders: Map<string, string>;
  readonly paths: Set<string>;
}

function faultOfEntry({ mode, path }: TreeEntry, { folders, paths }: Seen): string | null {
  const slash = path.lastIndexOf('/');
  const [parent, name] = [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)];
  const shown = shownPath(path);
  if (path.split('/').some((part) => RESERVED.test(part))) return `${shown}, a name that git keeps for itself`;
  const last = folders.get(parent);
  if (last === undefined) return `${shown} as the name of one entry, which holds a slash`;
  if (name.length > MAX_NAME_BYTES)
    return `${shown}, a name of ${name.length} bytes; file systems take ${MAX_NAME_BYTES}`;
  if (path.length > MAX_PATH_BYTES)
    return `${shown}, a path of ${path.length} bytes; the system takes ${MAX_PATH_BYTES}`;
  if (mode === LINK && NO_LINKS.test(name)) return `${shown} as a link, which git refuses`;
  if (paths.has(path)) return `${shown} twice in its folder`;
  // As git sorts: a folder as if its name ended in a slash. Git looks for entries by their place.
  const key = mode === TREE ? `${name}/` : name;
  if (key < last) return `${shown} out of order in its folder, where git does not find it`;
  paths.add(path);
  folders.set(parent, key);
  if (mode === TREE) folders.set(path, '');
  return null;
}

/** Whether an entry by itself could be a fault, for a quick look at what commits change. */
export function isSuspect(mode: string, path: string): boolean {
  const parts = path.split('/');
  const isTooLong = path.length > MAX_PATH_BYTES || parts.some((part) => part.length > MAX_NAME_BYTES);
  return mode === LINK || mode === COMMIT || isTooLong || parts.some((part) => RESERVED.test(part));
}

/** What a link leads to, as far as the system takes it. @returns null when it does. */
export function faultOfLink(path: string, target: { readonly bytes: number; readonly text: string }): string | null {
  const shown = shownPath(path);
  if (target.bytes === 0) return `${shown}, a link to nothing`;
  if (target.bytes > MAX_PATH_BYTES)
    return `${shown}, a link of ${target.bytes} bytes; the system takes ${MAX_PATH_BYTES}`;
  return target.text.includes('\0') ? `${shown}, a link that holds a NUL byte` : null;
}

/** A path may be anything; shown is its beginning, in one line that steers no terminal. */
export function shownPath(path: string): string {
  const text = plainText(Buffer.from(path, 'latin1').toString('utf8')).replace(/\s+/g, ' ');
  const points = Array.from(text);
  return JSON.stringify(points.length <= 80 ? text : `${points.slice(0, 79).join('')}…`);
}
