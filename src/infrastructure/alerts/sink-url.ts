import type { Environment } from '../config/environment';
import type { SecretPlace } from '../secrets/secret-place';
import { secretOf } from './secret';

/**
 * The URL of a sink, from the project file or from where secrets are.
 *
 * @param protocols such as `https:`.
 * @throws where there is none of them, without saying what there is.
 */
export function sinkUrl(
  { name, url }: { readonly name: string; readonly url: string | SecretPlace },
  protocols: readonly string[],
  environment: Environment,
): URL {
  const text = typeof url === 'string' ? url : secretOf(url, environment);
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return new URL(text);
  const named = protocols.map((each) => each.slice(0, -1)).join(' or ');
  throw new Error(`${name}: expected a URL of ${named} (not shown, it may be a secret)`);
}
