import type { Environment } from '../config/environment';
import { secretAt, type SecretPlace } from '../secrets/secret-place';

/** @throws where there is none: the alert is tried again until there is. */
export function secretOf(place: SecretPlace, environment: Environment): string {
  const found = secretAt(place, environment);
  if ('missing' in found) throw new Error(found.missing);
  return found.secret;
}
