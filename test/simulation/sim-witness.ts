import type { SuitePolicy } from '../../src/domain/policy/project-policy';
import type { TestReport } from '../../src/domain/witness/test-report';
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
  private readonly isDemanding: boolean;
  private readonly left = new Map<string, TestsOfRun | null>();
  private readonly random;
  private readonly kinds = new Map<string, 'silent' | 'empty' | 'full'>();
  private readonly pipes = new Map<string, boolean>();

  constructor(seed: number) {
    this.random = seeded(seed ^ 0x317e55);
    this.areThere = this.random.chance(1 / 3);
    this.isDemanding = this.areThere && this.random.chance(1 / 3);
  }

  /** What the policy demands of suites: in some of these histories a report, as the output may be forged. */
  get demand(): { readonly witness?: SuitePolicy['witness'] } {
    return this.isDemanding ? { witness: { kind: 'tests', format: 'junit', paths: ['r.xml'] } } : {};
  }

  /** What a run on the tree prints, and with what it ends; its report is left in its folder. */
  says(tree: string, isRed: boolean, folder: string): { readonly exitCode: number; readonly tests?: TestsOfRun } {
    const exitCode = isRed ? 1 : 0;
    if (!this.areThere) return { exitCode };
    const kind = this.kindOf(tree);
    const isEmpty = kind === 'empty' && !isRed;
    const counted = isEmpty ? counts(0, 0) : counts(isRed ? 4 : 5, isRed ? 1 : 0);
    if (this.isDemanding) this.left.set(folder, kind === 'silent' ? null : counted);
    const isLost = isRed && kind === 'full' && this.isPiped(tree);
    if (kind === 'silent' && !this.isDemanding) return { exitCode };
    // Whoever writes the branch can print what it likes.
    const claimed = this.isDemanding ? counts(5, 0) : counted;
    return { exitCode: isLost ? 0 : exitCode, tests: { ...claimed, isClaimed: true } };
  }

  /** The report that the run in that folder has left. */
  reportIn(folder: string): TestReport | null {
    const { executed, passed, failed, skipped } = this.left.get(folder) ?? {
      executed: -1,
      passed: 0,
      failed: 0,
      skipped: 0,
    };
    return executed < 0 ? null : { executed, passed, failed, skipped, format: 'junit', files: 1, tests: [] };
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
  const seen = { how: 'text', blocks: 1, rules: ['jest-closing@1'] } as const;
  return { executed: passed + failed, passed, failed, skipped: 0, ...seen };
}
