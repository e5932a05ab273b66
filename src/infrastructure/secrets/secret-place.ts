import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { keepSecrets } from '../../application/secrets';
import type { Environment } from '../config/environment';

/** Where a secret is, never the secret itself: in a variable of the service's environment, or in a file. */
export type SecretPlace = { readonly variable: string } | { readonly file: string };

/** A secret, or why there is none. */
export type SecretFound = { readonly secret: string } | { readonly missing: string };

/** More than a secret has; GitHub's own are far shorter. */
const MOST_BYTES = 4_096;

/** @param folder that a relative path counts from. */
export function placedIn(folder: string, place: SecretPlace): SecretPlace {
  return 'file' in place ? { file: resolve(folder, place.file) } : place;
}

/** Variables that hold secrets: nothing that runs gets them. */
export function variablesOf(places: readonly SecretPlace[]): readonly string[] {
  return places.flatMap((place) => ('variable' in place ? [place.variable] : []));
}

/** Files that hold secrets: nothing that runs sees them, where the machine can hide them. */
export function filesOf(places: readonly SecretPlace[]): readonly string[] {
  return places.flatMap((place) => ('file' in place ? [place.file] : []));
}

/** What is found is kept out of logs and answers from then on. A file is read as it is now, a variable as it was at the start. */
export function secretAt(place: SecretPlace, environment: Environment): SecretFound {
  const found = 'file' in place ? inFile(place.file) : inVariable(place.variable, environment);
  if ('secret' in found) keepSecrets([found.secret]);
  return found;
}

export function nameOfPlace(place: SecretPlace): string {
  return 'file' in place ? place.file : `$${place.variable}`;
}

function inFile(path: string): SecretFound {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MOST_BYTES)
      return { missing: `${path}: expected at most ${MOST_BYTES} bytes, saw ${bytes.length}` };
    const secret = bytes.toString('utf8').trim();
    return secret === '' ? { missing: `${path}: expected a secret in this file, saw nothing` } : { secret };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { missing: `${path}: expected a file with a secret, saw ${code}` };
  }
}

function inVariable(name: string, environment: Environment): SecretFound {
  const secret = environment[name]?.trim() ?? '';
  return secret === '' ? { missing: `$${name}: expected a secret, saw nothing; set it for the service` } : { secret };
}
