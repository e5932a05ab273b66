import { storableText } from '../storable';

/** Characters, as people count them. */
const MOST = { title: 200, reason: 500, path: 500 } as const;
const MOST_PATHS = 50;

/** Of a description, in bytes of UTF-8. */
const MOST_DESCRIPTION_BYTES = 65_536;

/** These complete "expected …", wherever a text of the kind is given. */
export const A_TITLE = aText(MOST.title);
export const A_REASON = aText(MOST.reason);
export const A_DESCRIPTION = `1 to ${MOST_DESCRIPTION_BYTES} bytes of UTF-8, without NUL or half a surrogate pair`;

export const A_PATH_LIST = `1 to ${MOST_PATHS} files or folders within the repository (src/a.ts, src/; no patterns), each ${aText(MOST.path)}`;

export function isTitle(text: string): boolean {
  return isText(text, MOST.title);
}

/** Why somebody asks for something, for the record. */
export function isReason(text: string): boolean {
  return isText(text, MOST.reason);
}

/** What the task is to do, whole: the one text of a command that is longer than `storable` lets texts be. */
export function isDescription(text: string): boolean {
  if (text === '' || storableText(text, MOST_DESCRIPTION_BYTES) !== text) return false;
  return bytesOfText(text) <= MOST_DESCRIPTION_BYTES;
}

/** How large a text is, for a message that does not repeat it. */
export function sizeOfText(text: string): string {
  return `${bytesOfText(text)} bytes${storableText(text, text.length) === text ? '' : ' with what cannot be stored'}`;
}

/** Of its UTF-8. */
export function bytesOfText(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Files and folders of a repository, written as git writes them; a folder may end with a slash. */
export function isPathList(paths: readonly unknown[]): paths is readonly string[] {
  const isPath = (path: unknown) => typeof path === 'string' && isText(path, MOST.path) && isPlainPath(path);
  return paths.length >= 1 && paths.length <= MOST_PATHS && paths.every(isPath);
}

/** What leads out of the repository, names all of it, or is meant as a pattern would cover nothing without saying so. */
function isPlainPath(path: string): boolean {
  const names = path.replace(/^\.\//, '').replace(/\/+$/, '').split('/');
  return !path.includes('*') && names.every((name) => name !== '' && name !== '.' && name !== '..');
}

function aText(most: number): string {
  return `1 to ${most} characters, without NUL or half a surrogate pair`;
}

/** Not made fit: what people have written is kept as it is, or refused. */
function isText(text: string, most: number): boolean {
  if (storableText(text) !== text) return false;
  const { length } = Array.from(text);
  return length >= 1 && length <= most;
}
