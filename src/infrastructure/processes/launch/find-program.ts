import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What `sh` looks through when the environment names nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a program of our own need is: in a folder of PATH, or where systems usually have it. Absolute, or null. */
export function findProgram(name: string, path = DEFAULT_PATH): string | null {
  const places = `${path}${delimiter}${DEFAULT_PATH}`.split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => place.startsWith('/') && isExecutable(place)) ?? null;
}

/** In a folder of PATH and nowhere else, as who starts a program by its name looks for it. */
export function findProgramIn(name: string, path: string): string | null {
  const places = path.split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => isExecutable(place)) ?? null;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // The answer to the question asked.
    return false;
  }
}
