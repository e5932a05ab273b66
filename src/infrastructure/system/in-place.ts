import { statSync } from 'node:fs';

/** What became of a name: what was opened by it has it still, nothing has it, or something else has. */
export type Whereabouts = 'there' | 'gone' | 'replaced';

/**
 * Whether files and folders still have the names that they were opened by. A process goes on with what somebody has removed
 * or replaced, and everything written there is gone with it.
 */
export class InPlace {
  private readonly known = new Map<string, string>();

  constructor(private readonly paths: readonly string[]) {
    this.isStill();
  }

  /** A few microseconds for each. What was not there before is known from now on. */
  isStill(): boolean {
    return this.missed() === null;
  }

  /** @returns the first that is not what it was; null when all are. */
  missed(): { readonly path: string; readonly is: Exclude<Whereabouts, 'there'> } | null {
    for (const path of this.paths) {
      const is = this.whereabouts(path);
      if (is !== 'there') return { path, is };
    }
    return null;
  }

  private whereabouts(name: string): Whereabouts {
    const before = this.known.get(name);
    const now = identityOf(name);
    if (before === undefined && now !== null) this.known.set(name, now);
    if (before === undefined || before === now) return 'there';
    return now === null ? 'gone' : 'replaced';
  }
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev} ${stats.ino}` : null;
}
