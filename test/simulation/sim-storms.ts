import type { RunSpec } from '../../src/application/ports/process-runner';
import type { BreakerPolicy } from '../../src/domain/policy/project-policy';
import { hasScans } from './sim-reports';
import { seeded, type Random } from './random';
import type { Replica, Shared } from './replica';
import { FAULTY_MS, PROJECT, type World } from './world';

/** How the suite of the re-test is called where the machine fails it alone. */
export const RETEST = 'retest';
/** Tasks of such a history beside the usual ones: failures of several are needed. */
export const STORM_TASKS = 3;

/** Only where there is a storm: what else happens is to end by the budgets of the tasks. Opens soon there: a history lasts minutes, and has a handful of tasks. */
export function breakerOf(seed: number): BreakerPolicy {
  if (!hasStorm(seed)) return { windowMs: 1, minRuns: 100, rate: 1, unmovedMs: 10 ** 9, cooldownMs: 1 };
  const common = { windowMs: 600_000, rate: 0.6, cooldownMs: 30_000 };
  return seeded(seed ^ 0x570f).chance(0.7)
    ? { ...common, minRuns: 3, unmovedMs: 3_600_000 }
    : { ...common, minRuns: 100, unmovedMs: 30_000 };
}

/**
 * In one history in eight the machine fails nearly everything in the lane for some minutes. Drawn apart, as the others are. Not where
 * a scanner may be broken for good: then the lane rightly stays paused.
 */
export function hasStorm(seed: number): boolean {
  return seeded(seed ^ 0x5709).chance(0.12) && !hasScans(seed);
}

/** Weather that comes and goes. */
export class SimStorm {
  private readonly random: Random;
  private readonly isPart: boolean;
  private readonly fromMs: number;

  constructor(private readonly seed: number) {
    this.random = seeded(seed ^ 0x570b);
    this.isPart = hasStorm(seed);
    this.fromMs = this.random.between(0, 120_000);
  }

  strikes({ args }: RunSpec, { scheduler, faults }: World): boolean {
    if (!this.isPart || !faults.areOn || !args.includes(RETEST) || scheduler.now < this.fromMs) return false;
    return this.random.chance(0.95);
  }

  /** In half of the storms somebody resumes the lane, too early or late. */
  callPeople({ world }: Shared, replicas: readonly Replica[]): void {
    const random = seeded(this.seed ^ 0x570d);
    if (!this.isPart || !random.chance(0.5)) return;
    const data = { how: 'person', by: 'ann', reason: 'to see' } as const;
    for (let times = 1 + random.below(3); times > 0; times -= 1)
      world.scheduler.schedule(null, random.between(FAULTY_MS / 3, FAULTY_MS), () => {
        const alive = replicas.filter(({ process }) => process.alive);
        if (alive.length === 0) return;
        const { laneRepository } = random.pick(alive);
        laneRepository.execute(PROJECT, { type: 'ResumeLane', data }).catch((error: unknown) => {
          world.note(String(error));
        });
      });
  }
}
