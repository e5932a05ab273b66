import { seeded } from './random';

/** A tree that is green, and shows red once. */
const FLAKE_RATE = 0.25;

/**
 * Suites that depend on chance, in half of the histories: a green tree is red in one run at most, so that whoever looks twice is never
 * wrong. Draws of its own, so that the other histories stay as they are.
 */
export class SimFlakes {
  readonly areThere: boolean;
  private readonly random;
  private readonly shown = new Set<string>();

  /** @param rate instead of what the seed says */
  constructor(
    seed: number,
    private readonly rate: number | null,
  ) {
    this.random = seeded(seed ^ 0xf1a4e);
    this.areThere = this.random.chance(0.5) || rate !== null;
  }

  /** Trees that were red once. */
  get count(): number {
    return this.shown.size;
  }

  /** Asked once a run. */
  showsRed(tree: string, areFaultsOn: boolean): boolean {
    if (!this.areThere || !areFaultsOn || this.shown.has(tree) || !this.random.chance(this.rate ?? FLAKE_RATE))
      return false;
    this.shown.add(tree);
    return true;
  }
}
