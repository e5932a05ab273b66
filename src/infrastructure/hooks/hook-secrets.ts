import { readFileSync } from 'node:fs';
import type { HookSource } from '../../domain/hooks/hook-sources';
import { keepSecrets } from '../../application/secrets';
import type { Environment } from '../config/environment';
import type { SecretPlace } from '../config/project/hook-settings';
import { standardKey } from './standard-webhooks';

/** More than a secret has; GitHub's own are far shorter. */
const MOST_BYTES = 4_096;
/** What is shorter can be guessed. */
export const SHORTEST_SECRET = 16;

/** A secret, or why there is none. */
export type SecretFound = { readonly secret: string } | { readonly missing: string };

/** @param place a file is read as it is now, a variable as it was at the start. */
export function secretAt(place: SecretPlace, source: HookSource, environment: Environment): SecretFound {
  const found = place.kind === 'file' ? inFile(place.path) : inVariable(place.name, environment);
  if ('missing' in found) return found;
  const { secret } = found;
  keepSecrets([secret]);
  const where = nameOfPlace(place);
  if (secret.length < SHORTEST_SECRET)
    return { missing: `${where}: expected a secret of at least ${SHORTEST_SECRET} characters, saw ${secret.length}` };
  if (source === 'generic' && standardKey(secret) === null)
    return { missing: `${where}: expected base64, with or without whsec_ before it, saw something else` };
  return found;
}

export function nameOfPlace(place: SecretPlace): string {
  return place.kind === 'file' ? place.path : `$${place.name}`;
}

function inFile(path: string): SecretFound {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MOST_BYTES)
      return { missing: `${path}: expected at most ${MOST_BYTES} bytes, saw ${bytes.length}` };
    return { secret: bytes.toString('utf8').trim() };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { missing: `${path}: expected a file with a secret, saw ${code}` };
  }
}

function inVariable(name: string, environment: Environment): SecretFound {
  const secret = environment[name]?.trim() ?? '';
  return secret === '' ? { missing: `$${name}: expected a secret, saw nothing` } : { secret };
}
