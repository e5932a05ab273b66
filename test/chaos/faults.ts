import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../simulation/random';
import type { ChaosOptions } from './options';
import type { Replica } from './replica';
import type { Site } from './site';

export type FaultKind = 'kill' | 'postmaster-kill' | 'pause' | 'long-pause' | 'server-pause' | 'cut';

type Range = readonly [number, number];
const LOOK_AGAIN_MS = 50;
const PAUSE_MS: Range = [300, 3_000];
/** Longer than a claim lasts (test/chaos/short-claims.cjs). */
const LONG_PAUSE_MS: Range = [11_000, 13_000];
const SERVER_PAUSE_MS: Range = [300, 7_000];
const SERVER_AWAY_MS: Range = [0, 3_000];
const REPLICA_AWAY_MS: Range = [200, 4_000];
const CUT = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'stagegate%'`;

/** What breaks, in an order that the seed decides. */
export class Faults {
  readonly made: Record<FaultKind, number> = {
    kill: 0,
    'postmaster-kill': 0,
    pause: 0,
    'long-pause': 0,
    'server-pause': 0,
    cut: 0,
  };
  private readonly underWay: Promise<void>[] = [];
  /** One thing at a time happens to the server. */
  private server: Promise<void> = Promise.resolve();

  constructor(
    private readonly site: Site,
    private readonly replicas: readonly Replica[],
    private readonly random: Random,
  ) {}

  /** Resolves when all have been made, and undone. */
  async make(options: ChaosOptions): Promise<void> {
    const plan = this.plan(options);
    const gapMs = (options.seconds * 1_000) / plan.length;
    for (const kind of plan) {
      await delay(gapMs * this.random.between(0.2, 1.8));
      await this.begin(kind);
      this.made[kind] += 1;
    }
    await Promise.all(this.underWay);
  }

  private plan({ kills, postmasterKills }: ChaosOptions): readonly FaultKind[] {
    const counts: Record<FaultKind, number> = {
      kill: kills,
      'postmaster-kill': postmasterKills,
      pause: Math.ceil(kills / 10),
      'long-pause': Math.ceil(kills / 16),
      'server-pause': Math.ceil(postmasterKills / 2),
      cut: postmasterKills,
    };
    const all = Object.entries(counts).flatMap(([kind, count]) => new Array<FaultKind>(count).fill(kind as FaultKind));
    // Fisher and Yates.
    for (let at = all.length - 1; at > 0; at -= 1) {
      const other = this.random.below(at + 1);
      [all[at], all[other]] = [all[other] as FaultKind, all[at] as FaultKind];
    }
    return all;
  }

  /** Resolves when it is made; what undoes it is under way then. */
  private async begin(kind: FaultKind): Promise<void> {
    switch (kind) {
      case 'kill':
        return this.kill();
      case 'pause':
        return this.pause(PAUSE_MS);
      case 'long-pause':
        return this.pause(LONG_PAUSE_MS);
      case 'postmaster-kill':
        return this.toServer(async () => {
          await this.site.server.kill();
          await this.wait(SERVER_AWAY_MS);
          await this.site.server.start();
        });
      case 'server-pause':
        return this.toServer(async () => {
          this.site.server.freeze();
          await this.wait(SERVER_PAUSE_MS);
          this.site.server.thaw();
        });
      case 'cut':
        return this.toServer(async () => {
          await this.site.query(CUT);
        });
    }
  }

  private async kill(): Promise<void> {
    const victim = await this.running();
    await victim.kill();
    if (this.random.chance(0.6)) victim.start();
    else
      this.underWay.push(
        this.wait(REPLICA_AWAY_MS).then(() => {
          victim.start();
        }),
      );
  }

  private async pause(range: Range): Promise<void> {
    const goOn = (await this.running()).pause();
    this.underWay.push(this.wait(range).then(goOn));
  }

  private async toServer(work: () => Promise<void>): Promise<void> {
    await this.server;
    this.server = work();
    this.underWay.push(this.server);
  }

  private async running(): Promise<Replica> {
    for (;;) {
      const running = this.replicas.filter(({ isRunning }) => isRunning);
      if (running.length > 0) return this.random.pick(running);
      await delay(LOOK_AGAIN_MS);
    }
  }

  private wait(range: Range): Promise<void> {
    return delay(this.random.between(...range));
  }
}
