import { isAbsolute, normalize } from 'node:path';

/** @returns the path without detours, if it leads to something below a clone and outside of its `.git`; else null. */
export function innerPath(path: string): string | null {
  const normal = normalize(path).replace(/\/$/, '');
  const [first] = normal.split('/');
  return !isAbsolute(normal) && first !== '' && first !== '.' && first !== '..' && first !== '.git' ? normal : null;
}

/** @returns two of the paths that are one, or one of which lies in the other; null when all lie apart. */
export function notApart(paths: readonly string[]): readonly [string, string] | null {
  for (const [index, path] of paths.entries())
    for (const other of paths.slice(index + 1))
      if (`${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`)) return [path, other];
  return null;
}
