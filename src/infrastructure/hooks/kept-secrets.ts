import type { Clock } from '../../application/ports/clock';
import type { SecretFound } from '../secrets/secret-place';

/** So soon a secret that is put into its file lets in; between that nobody makes the service read files. */
const KEPT_MS = 1_000;

interface Kept {
  readonly at: number;
  readonly found: SecretFound;
  /** It was gone at the last look. */
  readonly isLast: boolean;
}

/** Secrets as they were read last, by the names of their places, of which there are no more than the project file has. */
export class KeptSecrets {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /**
   * Whoever writes a file anew empties it first, and a delivery that is refused meanwhile is lost: what was there lets in until the next look.
   *
   * @param read asked once a second at most.
   */
  at(name: string, read: () => SecretFound): SecretFound {
    const at = this.clock.monotonic();
    const before = this.kept.get(name);
    if (before && at - before.at < KEPT_MS) return before.found;
    const found = read();
    const isLast = 'missing' in found && before !== undefined && 'secret' in before.found && !before.isLast;
    const kept = { at, found: isLast ? before.found : found, isLast };
    this.kept.set(name, kept);
    return kept.found;
  }
}
