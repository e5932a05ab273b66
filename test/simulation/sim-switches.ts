import type { StoredEvent } from '../../src/application/ports/event-store';
import { SWITCH_NAMES } from '../../src/domain/policy/switches';
import type { SwitchEvent } from '../../src/domain/policy/switches.events';
import type { Violation } from '../support/invariants';
import { seeded, type Random } from './random';
import type { Replica, Shared } from './replica';
import { FAULTY_MS, PROJECT, type World } from './world';

type SaidOfSwitches = Pick<StoredEvent, 'type' | 'revision' | 'data'>;

/** What a process was told of switches, folded by a rule of its own: a fault of the product must not hide itself. */
export class ToldSwitches {
  private last = -1n;
  /** Somebody has switched the staging-runner off, and as far as this process was told nobody has set it since. */
  isRunnerOff = false;

  take(events: readonly SaidOfSwitches[]): void {
    for (const { type, revision, data } of events) {
      if (type !== 'SwitchSet' || revision <= this.last) continue;
      this.last = revision;
      const { switch: name, enabled } = data as unknown as SwitchEvent['data'];
      if (name === 'stagingRunner') this.isRunnerOff = enabled === false;
    }
  }

  /**
   * What the process has read, or set, by itself may be newer than what it is still to be told: then it is on again, and what it starts is
   * right. That it is off counts from when it is told: what was read is on its way to whoever asked.
   */
  read(events: readonly SaidOfSwitches[]): void {
    const after = Object.assign(new ToldSwitches(), this);
    after.take(events);
    if (!after.isRunnerOff) this.take(events);
  }
}

/** One history in four has switches that people set, on whatever replica; one in ten has a file that says something, too. */
export function hasSwitches(seed: number): boolean {
  return seeded(seed ^ 0x5317).chance(0.25);
}

export function switchesInFile(seed: number): { readonly stagingRunner?: boolean } {
  return seeded(seed ^ 0xf11e).chance(0.5) && hasSwitches(seed) ? { stagingRunner: true } : {};
}

/** Sets switches at random moments while the world is faulty, and gives all of them back when it has healed. */
export function flipSwitches({ world, log }: Shared, replicas: readonly Replica[]): void {
  if (!world.hasSwitches) return;
  const random = seeded(world.seed ^ 0xf11b);
  const set = async (name: string, enabled: boolean | null): Promise<boolean> => {
    const alive = replicas.filter(({ process }) => process.alive);
    if (alive.length === 0) return false;
    const data = { switch: name, enabled, by: 'ann', reason: 'to see' };
    world.note(`${name} is set to ${String(enabled)}`);
    const done = await random
      .pick(alive)
      .switches.set(PROJECT, data)
      .catch(() => null);
    return done !== null && done.kind !== 'rejected';
  };
  if (random.chance(0.5)) {
    world.scheduler.schedule(null, 0, () => void set('transitionLease', false));
    hurryClocks(world, random, replicas);
  }
  for (let flips = 1 + random.below(16); flips > 0; flips -= 1) {
    const name = random.chance(0.6) ? 'stagingRunner' : random.pick(SWITCH_NAMES);
    // Without it people take a flake for a red, as they have asked.
    if (name === 'confirmRed' && world.rate !== null) continue;
    const enabled = random.pick([true, false, false, null]);
    world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => void set(name, enabled));
  }
  // Between a claim and what it starts there is no time to speak of: that has to be aimed at.
  world.onClaim = () => {
    if (!world.faults.areOn || !random.chance(0.2)) return;
    world.scheduler.schedule(null, random.between(0, 100), () => void set('stagingRunner', false));
    world.scheduler.schedule(null, random.between(1_000, 30_000), () => void set('stagingRunner', null));
  };
  const giveBack = (name: string) => {
    const again = () => {
      giveBack(name);
    };
    void set(name, null).then((isDone) => {
      if (!isDone) world.scheduler.schedule(null, 1_000, again);
    });
  };
  // More than once: what was asked of a replica that was paused then is done when it wakes up.
  for (const laterMs of [1_000, 300_000, 900_000])
    world.scheduler.schedule(null, FAULTY_MS + laterMs, () => {
      // People see in the queue what is set; a world at rest is left alone.
      void log.everything().then((events) => {
        setBy(events).forEach(giveBack);
      });
    });
}

/** Switches about which an event says something. */
function setBy(events: readonly StoredEvent[]): readonly string[] {
  const said = new Map<string, boolean | null>();
  for (const { type, data } of events) {
    if (type !== 'SwitchSet') continue;
    const { switch: name, enabled } = data as unknown as SwitchEvent['data'];
    said.set(name, enabled);
  }
  return [...said].flatMap(([name, enabled]) => (enabled === null ? [] : [name]));
}

const HOUR_MS = 60 * 60_000;

/** A clock that jumps ahead takes claims from owners that are alive and well: what the lease is switched off for. */
function hurryClocks(world: World, random: Random, replicas: readonly Replica[]): void {
  const hosts = replicas.map(({ process }) => process.host);
  for (let jumps = 4; jumps > 0; jumps -= 1)
    world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
      const host = random.pick(hosts);
      world.clocks.set(host, (world.clocks.get(host) ?? 0) + HOUR_MS);
    });
}

/** I12: what was started by a process that had been told that the staging-runner is off was no staging suite. */
export function checkSpawns({ spawnedWhileOff }: World, events: readonly StoredEvent[]): Violation[] {
  return events.flatMap(({ type, stream, revision, data }) => {
    if (type !== 'TransitionClaimed') return [];
    const { job, runId } = data as { job: { kind: string }; runId: string };
    if (job.kind !== 'staging-suite' || !spawnedWhileOff.has(runId)) return [];
    const detail = `run ${runId} began although its replica knew that the staging-runner is off`;
    return [{ invariant: 'I12', stream, revision, detail }];
  });
}
