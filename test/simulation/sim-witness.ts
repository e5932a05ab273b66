import type { TestsOfRun } from '../../src/domain/witness/test-counts';
import { seeded } from './random';

/** How often a suite says nothing of its tests, runs none, or loses its exit code in a pipe. */
const SHARES = { silent: 0.3, empty: 0.15, lost: 0.3 };

/**
 * Suites that say how many tests they ran, in a third of the histories. What a suite says of a tree it says each time. Draws of its own, so
 * that the other histories stay as they are.
 */
export class SimWitness {
  readonly areThere: boolean;
  private readonly random;
  private readonly kinds = new Map<string, 'silent' | 'empty' | 'full'>();
  private readonly pipes = new Map<string, boolean>();

  constructor(seed: number) {
    this.random = seeded(seed ^ 0x317e55);
    this.areThere = this.random.chance(1 / 3);
  }

  /** What a run on the tree prints, and with what it ends. */
  says(tree: string, isRed: boolean): { readonly exitCode: number; readonly tests?: TestsOfRun } {
    const exitCode = isRed ? 1 : 0;
    if (!this.areThere) return { exitCode };
    const kind = this.kindOf(tree);
    if (kind === 'silent') return { exitCode };
    if (kind === 'empty' && !isRed) return { exitCode, tests: counts(0, 0) };
    return { exitCode: isRed && this.isPiped(tree) ? 0 : exitCode, tests: counts(isRed ? 4 : 5, isRed ? 1 : 0) };
  }

  private kindOf(tree: string): 'silent' | 'empty' | 'full' {
    const known = this.kinds.get(tree);
    if (known) return known;
    const draw = this.random.next();
    const kind = draw < SHARES.silent ? 'silent' : draw < SHARES.silent + SHARES.empty ? 'empty' : 'full';
    this.kinds.set(tree, kind);
    return kind;
  }

  private isPiped(tree: string): boolean {
    const known = this.pipes.get(tree) ?? this.random.chance(SHARES.lost);
    this.pipes.set(tree, known);
    return known;
  }
}

function counts(passed: number, failed: number): TestsOfRun {
  const seen = { how: 'text', blocks: 1, rules: ['jest-closing@1'], isClaimed: true } as const;
  return { executed: passed + failed, passed, failed, skipped: 0, ...seen };
}
