import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** Our package.json, found from wherever in the package this code has been put. */
export function manifest(folder = __dirname): Manifest {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  if (dirname(folder) === folder) throw new Error(`expected a package.json above ${__dirname}, saw none`);
  return manifest(dirname(folder));
}
