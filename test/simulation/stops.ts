import type { StoredEvent } from '../../src/application/ports/event-store';
import { foldStored, NOTHING_LOADED } from '../../src/application/task-repository';
import { epochMs } from '../../src/domain/instant';
import type { Violation } from '../support/invariants';
import { seeded } from './random';
import { startReplica, type Replica, type Shared } from './replica';
import { FAULTY_MS, type SimProcess } from './world';

/** Crashes (and restarts) replicas, and pauses them for longer than their claims live. */
export function plague(shared: Shared, replicas: Replica[]): void {
  const { random, scheduler, faults } = shared.world;
  const again = (meanMs: number, strike: () => void) => {
    if (meanMs === Infinity) return;
    scheduler.schedule(null, random.between(0, 2 * meanMs), () => {
      if (!faults.areOn) return;
      strike();
      again(meanMs, strike);
    });
  };
  again(faults.crashEveryMs, () => {
    const index = random.below(replicas.length);
    const victim = replicas[index];
    if (!victim?.process.alive) return;
    shared.world.note(`crash of ${victim.process.worker}`);
    victim.process.alive = false;
    scheduler.schedule(null, random.between(500, 30_000), () => {
      if (replicas[index] === victim) replicas[index] = startReplica(shared, victim.process.host);
    });
  });
  again(faults.pauseEveryMs, () => {
    const victim = random.pick(replicas);
    victim.process.pausedUntil = scheduler.now + random.pick([5_000, 60_000, 600_000]);
    shared.world.note(`pause of ${victim.process.worker} until ${victim.process.pausedUntil / 1000}`);
  });
}

const HOURS = 60 * 60_000;
/** A process that is told to stop goes on trying so long where a store does not answer; one that is paused has no more. */
const TRIES_MS = 10_000;

/** Now and then somebody sets the clock of a host, back or forth, and leaves it so. Draws of its own. */
export function setClocks({ world }: Shared, hosts: readonly string[]): void {
  const random = seeded(world.seed ^ 0xc10c);
  if (!random.chance(0.15)) return;
  for (let i = 0; i < 8; i += 1) {
    world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
      const [host, byMs] = [random.pick(hosts), random.pick([-3 * HOURS, -2 * HOURS, -0.1 * HOURS, 2 * HOURS])];
      world.clocks.set(host, (world.clocks.get(host) ?? 0) + byMs);
      world.note(`the clock of ${host} is set by ${byMs / 1000} s`);
    });
  }
}

/**
 * Now and then a replica is told to stop, as for a deployment, and another one starts when it has stopped. Draws of its own.
 *
 * @returns filled while the history runs: claims that a replica had open when it said that it had stopped.
 */
export function stopInOrder(shared: Shared, replicas: Replica[]): Violation[] {
  const { world, log } = shared;
  const random = seeded(world.seed ^ 0x5709);
  const left: Violation[] = [];
  const stop = async () => {
    const index = random.below(replicas.length);
    const replica = replicas[index];
    if (!replica?.process.alive) return;
    world.note(`stop of ${replica.process.worker}`);
    const toldAt = world.scheduler.now;
    replica.process.unheard.clear();
    await replica.conductor.stop();
    const { unsure, unheard } = replica.process;
    const excused = new Set([...unsure, ...(world.scheduler.now - toldAt > TRIES_MS ? unheard : [])]);
    left.push(...openClaimsOf(replica.process, excused, await log.everything(), world.wallMs(replica.process)));
    replica.process.alive = false;
    if (replicas[index] === replica) replicas[index] = startReplica(shared, replica.process.host);
  };
  if (random.chance(0.2))
    for (let i = 0; i < 5; i += 1) world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => void stop());
  return left;
}

/**
 * Claims that it could have given back: it knows of them, and their time is not over, after which anybody takes them.
 *
 * @param excused streams whose store did not answer: it has said that it could not hand over what it has there.
 */
function openClaimsOf(
  { worker }: SimProcess,
  excused: ReadonlySet<string>,
  events: readonly StoredEvent[],
  nowMs: number,
): Violation[] {
  const streams = new Set(events.filter(({ stream }) => stream.startsWith('task-')).map(({ stream }) => stream));
  return [...streams].flatMap((stream) => {
    const { state: task } = events.filter((event) => event.stream === stream).reduce(foldStored, NOTHING_LOADED);
    if (task.kind !== 'submitted' || task.claim?.worker !== worker || excused.has(stream)) return [];
    if (epochMs(task.claim.deadlineAt) <= nowMs) return [];
    const detail = `${worker} has stopped and still owns ${task.claim.job.kind}`;
    return [{ invariant: 'I1', stream, revision: task.revision, detail }];
  });
}
