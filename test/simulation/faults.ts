import { seeded, type Random } from './random';

export type RequestFate = 'delivered' | 'request-lost' | 'answer-lost';

const TEAR_RATE = 0.1;
const BEGINNING_RATE = 0.1;

/** How bad the simulated world is. Each history draws its own mix; after `heal` nothing fails any more. */
export class SimFaults {
  private isHealed = false;
  private readonly others: SimFaults[] = [];
  private readonly lossRate: number;
  private readonly slowRate: number;
  readonly infraRate: number;
  readonly lockRate: number;
  readonly crashEveryMs: number;
  readonly pauseEveryMs: number;
  readonly duplicateRate: number;
  /** Events that a follower is given at once: few where it keeps up, many where it does not. */
  readonly largestPage: number;
  /** Draws of its own: a fault that is added later must not change every history there is. */
  private readonly tears: Random;
  private readonly forgeries: Random;
  private readonly forgeryRate: number;
  /** A branch of which git says at each landing that it moved, and shows where it was; it never gets better. */
  private readonly beginnings: Random;
  private readonly disowned: string | null;
  /** A task whose suite says something that no store will ever take. */
  private readonly poisoned: string | null;

  constructor(
    private readonly random: Random,
    private readonly seed: number,
    private readonly rate: number | null = null,
  ) {
    this.tears = seeded(seed ^ 0x7ea5);
    this.beginnings = seeded(seed ^ 0xbe61);
    this.forgeries = seeded(seed ^ 0xf04e);
    this.forgeryRate = this.forgeries.pick([...Array.from({ length: 19 }, () => 0), 0.3]);
    this.largestPage = seeded(seed ^ 0x9a6e).pick([1, 20]);
    const endless = seeded(seed ^ 0xe4d1);
    this.disowned = endless.chance(0.05) ? `b${endless.below(2)}` : null;
    this.poisoned = endless.chance(0.05) ? `T${endless.below(2)}` : null;
    this.lossRate = random.pick([0, 0.01, 0.05, 0.15]);
    this.slowRate = random.pick([0, 0.02, 0.1]);
    const infraRate = random.pick([0, 0.1, 0.4]);
    this.infraRate = rate ?? infraRate;
    this.lockRate = random.pick([0, 0.05, 0.3]);
    this.crashEveryMs = random.pick([Infinity, 60_000, 15_000]);
    this.pauseEveryMs = random.pick([Infinity, 120_000, 40_000]);
    this.duplicateRate = random.pick([0, 0.05]);
  }

  heal(): void {
    this.isHealed = true;
    for (const other of this.others) other.heal();
  }

  /** Faults of something that draws for itself, and is healed with the rest. */
  apart(random: Random): SimFaults {
    const other = new SimFaults(random, this.seed, this.rate);
    this.others.push(other);
    return other;
  }

  get areOn(): boolean {
    return !this.isHealed;
  }

  fateOfRequest(): RequestFate {
    if (!this.happens(this.lossRate)) return 'delivered';
    return this.random.chance(0.5) ? 'request-lost' : 'answer-lost';
  }

  latencyMs(): number {
    return this.happens(this.slowRate) ? this.random.between(200, 5_000) : this.random.between(0.1, 20);
  }

  /** How long a caller waits before it gives a request up. */
  timeoutMs(): number {
    return this.random.between(500, 5_000);
  }

  /** A crash between the two refs of a landing: main has moved, and no record says so. */
  tearsLanding(): boolean {
    return !this.isHealed && this.tears.chance(TEAR_RATE);
  }

  /** Somebody has rewritten an artifact that a verdict rests on. */
  forgesArtifact(): boolean {
    return !this.isHealed && this.forgeries.chance(this.forgeryRate);
  }

  /** The store refuses that a deploy begins: what only does not answer is asked again. */
  refusesBeginning(types: readonly string[]): boolean {
    return types.includes('DeployBegun') && !this.isHealed && this.beginnings.chance(BEGINNING_RATE);
  }

  disownsHead(branch: string): boolean {
    return branch === this.disowned;
  }

  refusesForGood(stream: string, types: readonly string[]): boolean {
    return types.includes('StagingSuiteExecuted') && stream.endsWith(`.${this.poisoned ?? ''}`);
  }

  happens(rate: number): boolean {
    return !this.isHealed && this.random.chance(rate);
  }
}
