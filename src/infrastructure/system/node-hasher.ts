import { createHash } from 'node:crypto';
import { Hasher } from '../../application/ports/ids';

export class NodeHasher extends Hasher {
  sha256(...parts: readonly (string | Uint8Array)[]): string {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  }
}
