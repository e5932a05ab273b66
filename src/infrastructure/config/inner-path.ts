import { isAbsolute, normalize } from 'node:path';

/** @returns the path without detours, if it leads to something below a clone and outside of its `.git`; else null. */
export function innerPath(path: string): string | null {
  const normal = normalize(path).replace(/\/$/, '');
  const [first] = normal.split('/');
  return !isAbsolute(normal) && first !== '' && first !== '.' && first !== '..' && first !== '.git' ? normal : null;
}
