import { RequestRefused } from '../../src/application/refusals';
import type { Taken } from '../../src/application/outside/work-requests';
import type { Principal } from '../../src/domain/authority/principal';
import type { AgentRole } from '../../src/domain/task/pipeline';
import type { Violation } from '../support/violation';
import { seeded, type Random } from './random';
import type { Replica, Shared } from './replica';
import type { World } from './world';

/** Whether the history has workers from outside: then no agent is configured, and tasks begin where they have work. */
export function hasOutsiders(seed: number): boolean {
  return seeded(seed ^ 0x0178).chance(0.2);
}

/** Some time after which a request that got no answer is given up: its replica has died, or the answer got lost. */
const PATIENCE_MS = 45_000;
/** What nobody in the service does there: the deployer's work too, when the staging-runner is switched off. */
const ROLES: readonly AgentRole[] = ['tester', 'developer', 'deployer'];

/**
 * People, CI and agents elsewhere: they take work, send heartbeats, vanish, come back late, complete twice, and try what is not
 * theirs. Once the world is healed they do what there is to do.
 */
export class Outsiders {
  readonly violations: Violation[] = [];
  private isStopped = false;

  constructor(
    private readonly shared: Shared,
    private readonly replicas: Replica[],
  ) {
    const random = seeded(shared.world.seed ^ 0x0b0b);
    for (const name of ['bob', 'eve']) new Outsider(name, random, this);
  }

  get world(): World {
    return this.shared.world;
  }

  get repository(): Shared['repository'] {
    return this.shared.repository;
  }

  get isOver(): boolean {
    return this.isStopped;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Some replica that is up; null when none is. */
  door(random: Random): Replica | null {
    const alive = this.replicas.filter(({ process }) => process.alive);
    return alive.length === 0 ? null : random.pick(alive);
  }
}

/** One worker. What it holds it does not know for sure: its claim may have been taken away meanwhile. */
class Outsider {
  private readonly principal: Principal;
  private held: Taken | null = null;
  private readonly lost: Taken[] = [];
  private hasPushed = false;

  constructor(
    private readonly name: string,
    private readonly random: Random,
    private readonly all: Outsiders,
  ) {
    this.principal = { name, kind: 'agent', rights: ['work'], projects: '*' };
    this.later();
  }

  private later(): void {
    const { scheduler } = this.all.world;
    scheduler.schedule(null, this.random.between(2_000, 40_000), () => {
      if (this.all.isOver) return;
      void this.act().finally(() => {
        this.later();
      });
    });
  }

  private async act(): Promise<void> {
    const door = this.all.door(this.random);
    if (!door) return;
    const isFaulty = this.all.world.faults.areOn;
    if (isFaulty && this.random.chance(0.4)) await this.comeBackLate(door);
    if (!this.held) await this.take(door);
    else if (isFaulty) await this.goOn(door, this.held);
    else await this.complete(door, this.held);
  }

  private async take(door: Replica): Promise<void> {
    const role = this.random.pick(ROLES);
    this.held = (await this.ask('take', door.taking.take({ role }, this.principal))) ?? null;
    this.hasPushed = false;
  }

  private async goOn(door: Replica, held: Taken): Promise<void> {
    const { work } = door;
    const [cited, reason] = [citing(held), 'because'];
    switch (
      this.random.pick(['beat', 'beat', 'beat', 'beat', 'complete', 'complete', 'vanish', 'give', 'fail', 'forge'])
    ) {
      case 'beat':
        await this.ask('heartbeat', work.heartbeat(held.task, cited, this.principal));
        return;
      case 'complete':
        await this.complete(door, held);
        if (this.random.chance(0.3)) await this.ask('complete again', this.completing(door, held));
        return;
      case 'vanish':
        this.lost.push(held);
        this.held = null;
        return;
      case 'give':
        await this.ask('release', work.release(held.task, { ...cited, reason }, this.principal));
        this.held = null;
        return;
      case 'fail':
        await this.ask('fail', work.fail(held.task, { ...cited, reason }, this.principal));
        this.held = null;
        return;
      default:
        await this.forge(door, held);
    }
  }

  private async complete(door: Replica, held: Taken): Promise<void> {
    if (held.role === 'developer' && !this.hasPushed) {
      this.all.repository.push(held.branch, 0.3);
      this.hasPushed = true;
    }
    const done = await this.ask('complete', this.completing(door, held));
    // Without an answer it asks again; a refusal says that the claim is not its own any more.
    if (done !== undefined) this.held = null;
  }

  private completing(door: Replica, held: Taken) {
    const artifact = artifactOf(held, this.all.world.seed % 7 === 0);
    const body = { ...citing(held), ...(artifact !== null && { artifact }) };
    return door.work.complete(held.task, body, this.principal);
  }

  /** A worker that was thought to be gone: whatever it sends, the log must not believe it. */
  private async comeBackLate(door: Replica): Promise<void> {
    const held = this.lost.shift();
    if (!held) return;
    if (this.random.chance(0.8))
      await this.ask('late heartbeat', door.work.heartbeat(held.task, citing(held), this.principal));
    if (this.random.chance(0.5)) await this.ask('late complete', this.completing(door, held));
    else this.lost.push(held);
  }

  /** With another secret, or as somebody else: never believed, whatever else goes wrong. */
  private async forge(door: Replica, held: Taken): Promise<void> {
    const { work } = door;
    const wrong = {
      ...citing(held),
      secret: 'f'.repeat(64),
      reason: 'because',
      artifact: artifactOf(held, false) ?? undefined,
    };
    const other = { ...this.principal, name: `not-${this.name}` };
    const ways = [
      () => work.heartbeat(held.task, wrong, this.principal),
      () => work.complete(held.task, wrong, this.principal),
      () => work.fail(held.task, { ...wrong, secret: held.secret }, other),
      () => work.release(held.task, wrong, this.principal),
    ];
    const believed = await this.ask<unknown>('forge', this.random.pick<() => Promise<unknown>>(ways)());
    if (believed === undefined || believed === null) return;
    const detail = `claim ${held.claim} of ${this.name} was ended or extended without its secret`;
    this.all.violations.push({ invariant: 'I21', stream: `task-${held.task}`, revision: 0n, detail });
  }

  /** @returns null when it was refused, undefined when nobody has answered. */
  private async ask<T>(what: string, request: Promise<T>): Promise<T | null | undefined> {
    const { world } = this.all;
    const answered = request.then(
      (answer) => answer,
      (error: unknown) => {
        world.note(`${this.name} ${what}: ${String(error)}`);
        return error instanceof RequestRefused && error.code !== 'contended' ? null : undefined;
      },
    );
    const patience = new Promise<undefined>((resolve) => {
      world.scheduler.schedule(null, PATIENCE_MS, () => {
        resolve(undefined);
      });
    });
    return Promise.race([answered, patience]);
  }
}

function citing({ claim, secret }: Taken) {
  return { claim, secret };
}

/** Always the same of one claim: what is told twice is told alike. */
function artifactOf({ artifact }: Taken, isRefusing: boolean): string | null {
  if (!artifact) return null;
  const { key, values } = artifact;
  return `---\n${key}: ${(isRefusing ? values[1] : values[0]) ?? ''}\n---\n`;
}
