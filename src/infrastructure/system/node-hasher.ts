import { createHash, hash } from 'node:crypto';
import { Hasher } from '../../application/ports/ids';

export class NodeHasher extends Hasher {
  sha256(...parts: readonly (string | Uint8Array)[]): string {
    // In one go where it is text: it takes a third less.
    if (parts.every((part) => typeof part === 'string')) return hash('sha256', parts.join(''), 'hex');
    const fed = createHash('sha256');
    for (const part of parts) fed.update(part);
    return fed.digest('hex');
  }
}
