import type { Digest } from '../ids';

/**
 * Whether two digests of secrets are the same, in a time that does not tell how much of them is. Secrets are compared by
 * their digests only.
 */
export function isSameDigest(one: Digest, other: Digest): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
}
