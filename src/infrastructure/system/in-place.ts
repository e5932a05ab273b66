import { statSync } from 'node:fs';

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
    return this.paths.every((path) => this.isSame(path));
  }

  private isSame(name: string): boolean {
    const before = this.known.get(name);
    const now = identityOf(name);
    if (before === undefined && now !== null) this.known.set(name, now);
    return before === undefined || before === now;
  }
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev} ${stats.ino}` : null;
}
