import type { HookSource } from '../../domain/hooks/hook-sources';
import type { Environment } from '../config/environment';
import { nameOfPlace, secretAt, type SecretFound, type SecretPlace } from '../secrets/secret-place';
import { standardKey } from './standard-webhooks';

/** What is shorter can be guessed. */
export const SHORTEST_SECRET = 16;

/** A secret that deliveries of a source can be signed with. */
export function hookSecretAt(place: SecretPlace, source: HookSource, environment: Environment): SecretFound {
  const found = secretAt(place, environment);
  if ('missing' in found) return found;
  const { secret } = found;
  const where = nameOfPlace(place);
  if (secret.length < SHORTEST_SECRET)
    return { missing: `${where}: expected a secret of at least ${SHORTEST_SECRET} characters, saw ${secret.length}` };
  if (source === 'generic' && standardKey(secret) === null)
    return { missing: `${where}: expected base64, with or without whsec_ before it, saw something else` };
  return found;
}
