import { createHash } from 'node:crypto';

const DIGEST = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Whether the bytes are those that a digest names. */
export function isOf(bytes: Uint8Array, digest: string): boolean {
  const [algorithm = ''] = digest.split(':');
  return isDigest(digest) && `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest;
}

export function sha256Digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
