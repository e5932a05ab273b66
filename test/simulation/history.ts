import type { StoredEvent } from '../../src/application/ports/event-store';
import { foldStored, NOTHING_LOADED } from '../../src/application/task-log';
import { taskStream } from '../../src/domain/ids';
import { epochMs } from '../../src/domain/instant';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { buildProject } from '../../src/infrastructure/config/build-project';
import { ConfiguredProjects } from '../../src/infrastructure/config/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { check, type Violation } from '../support/invariants';
import { startReplica, type Replica, type Shared } from './replica';
import { seeded } from './random';
import { SimArtifacts } from './sim-parts';
import { SimRepository } from './sim-repository';
import { SimLog } from './sim-store';
import { EPOCH_MS, World, type SimProcess } from './world';

export interface HistoryResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly events: readonly StoredEvent[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly trace: readonly string[];
}

const PROJECT = 'sim';
/** With faults: long enough for crashes, reaps and exhausted budgets. */
const FAULTY_MS = 8 * 60_000;
/** Healed: longer than any deadline of the policy below, several times over. */
const HEALED_MS = 90 * 60_000;
const LOOK_EVERY_MS = 15_000;

/**
 * One history: replicas that crash and pause, a store that loses answers, a git that locks, people who interfere. Then the
 * world heals, and everything has to come to rest. The same seed gives the same history.
 */
export async function runHistory(seed: number, isTracing = false): Promise<HistoryResult> {
  const world = new World(seed, isTracing);
  const shared = makeShared(world);
  const { random, scheduler, faults } = world;
  const hosts = random.pick([['a'], ['a', 'b'], ['a', 'a'], ['a', 'b', 'b']]);
  const replicas = hosts.map((host) => startReplica(shared, host));
  const tasks = makeTasks(shared, replicas);
  plague(shared, replicas);
  interfere(shared, replicas, tasks);
  mergeByHand(shared, tasks);
  const left = stopInOrder(shared, replicas);
  await scheduler.runUntil(FAULTY_MS);
  faults.heal();
  for (const [index, replica] of replicas.entries()) {
    replica.process.pausedUntil = 0;
    if (!replica.process.alive) replicas[index] = startReplica(shared, replica.process.host);
  }
  const { isAtRest, events, broken } = await runToRest(shared, () => releaseUnanswered(shared, replicas, tasks));
  const violations = [...broken, ...left, ...checkWorld(shared, events)];
  if (!isAtRest) violations.push({ invariant: 'I7', stream: '-', revision: 0n, detail: 'no rest within the bound' });
  for (const replica of replicas) replica.process.alive = false;
  return { seed, violations, events, steps: scheduler.steps, virtualMs: scheduler.now, trace: world.trace };
}

function makeShared(world: World): Shared {
  const { random } = world;
  const settings = {
    project: PROJECT,
    repo: '/sim.git',
    entryStages: ['deploy-staging' as const],
    staging: { suite: 'test', timeoutMs: 60_000, graceMs: 1_000 },
    ...(random.chance(0.7) ? { agents: { developer: { command: ['dev'], timeoutMs: 60_000, graceMs: 1_000 } } } : {}),
    budgets: { developer: 2, agent: 1, infra: 2, crash: random.pick([1, 10]), landing: 3 },
    backoff: { baseMs: 1_000, maxMs: 20_000 },
    onInfraExhausted: random.pick(['hold', 'rollback'] as const),
  };
  const project = buildProject(new NodeHasher(), settings);
  return {
    world,
    log: new SimLog(new MemoryEventStore()),
    repository: new SimRepository(random),
    artifacts: new SimArtifacts(world.faults),
    greenTrees: new Set(),
    projects: new ConfiguredProjects([{ project }]),
  };
}

function makeTasks({ world, repository, projects }: Shared, replicas: Replica[]): readonly string[] {
  const { random, scheduler } = world;
  const ids = Array.from({ length: 1 + random.below(4) }, (_, index) => `${PROJECT}.T${index}`);
  for (const [index, id] of ids.entries()) {
    const branch = `b${index}`;
    repository.push(branch, 0.3);
    // A caller asks again until somebody has answered; the same request makes one task.
    let isAnswered = false;
    const submit = () => {
      if (isAnswered) return;
      const headOid = repository.branches.get(branch) ?? null;
      const priority = index % 10;
      const data = {
        taskId: id,
        project: PROJECT,
        title: id,
        branch,
        headOid,
        startStage: 'deploy-staging' as const,
        priority,
      };
      scheduler.schedule(null, 20_000, submit);
      void command(replicas, projects, world, id, { type: 'SubmitTask', data }).then(
        () => {
          isAnswered = true;
        },
        (error: unknown) => {
          world.note(String(error));
        },
      );
    };
    scheduler.schedule(null, random.between(0, 60_000), submit);
  }
  return ids;
}

function command(
  replicas: Replica[],
  projects: Shared['projects'],
  world: World,
  id: string,
  what: TaskCommand,
): Promise<unknown> {
  const alive = replicas.filter(({ process }) => process.alive);
  const project = projects.get(PROJECT);
  if (alive.length === 0 || !project) return Promise.reject(new Error('nobody is up'));
  const { executor, conductor } = world.random.pick(alive);
  return executor.execute(id, what, conductor.contextOf(project), { commandId: `person:${world.random.hex(12)}` });
}

/** Crashes (and restarts) replicas, and pauses them for longer than their claims live. */
function plague(shared: Shared, replicas: Replica[]): void {
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

/** People and the outside world: new commits, pushes to main, holds, retries, cancellations. */
function interfere(shared: Shared, replicas: Replica[], tasks: readonly string[]): void {
  const { world, repository, projects } = shared;
  const { random, scheduler } = world;
  const who = { by: 'ann', reason: 'because' };
  const actions: readonly (() => TaskCommand | null)[] = [
    () => ({ type: 'HoldTask', data: who }),
    () => ({ type: 'ReleaseTask', data: who }),
    () => ({ type: 'ReleaseTask', data: who }),
    () => ({ type: 'RetryTask', data: who }),
    () => (random.chance(0.2) ? { type: 'CancelTask', data: who } : null),
    () => ({ type: 'ChangePriority', data: { by: 'ann', priority: random.below(10) } }),
    () => ({ type: 'AnnotateTask', data: { by: 'ann', text: 'seen' } }),
    () => (repository.pushToMain(), null),
    () => (repository.push(`b${random.below(tasks.length)}`, 0.2), null),
  ];
  const count = random.below(12);
  for (let i = 0; i < count; i += 1) {
    scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
      const what = random.pick(actions)();
      // A request that fails or is refused is the person's to repeat; the history goes on without it.
      if (what)
        command(replicas, projects, world, random.pick(tasks), what).catch((error: unknown) => {
          world.note(String(error));
        });
    });
  }
}

/** Nothing was appended for longer than a sweep: nobody has anything left to do. */
const QUIET_MS = 65_000;

/** Somebody who does not wait for the gates. Draws of its own, for the reason that `SimFaults` gives. */
function mergeByHand({ world, repository }: Shared, tasks: readonly string[]): void {
  const random = seeded(world.seed ^ 0x4a2d);
  if (!random.chance(0.1)) return;
  const branch = `b${random.below(tasks.length)}`;
  world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
    repository.mergeIntoMain(branch);
  });
}

/**
 * Now and then a replica is told to stop, as for a deployment, and another one starts when it has stopped. Draws of its own.
 *
 * @returns filled while the history runs: claims that a replica had open when it said that it had stopped.
 */
function stopInOrder(shared: Shared, replicas: Replica[]): Violation[] {
  const { world, log } = shared;
  const random = seeded(world.seed ^ 0x5709);
  const left: Violation[] = [];
  const stop = async () => {
    const index = random.below(replicas.length);
    const replica = replicas[index];
    if (!replica?.process.alive) return;
    world.note(`stop of ${replica.process.worker}`);
    await replica.conductor.stop();
    left.push(...openClaimsOf(replica.process, await log.everything(), world.scheduler.now));
    replica.process.alive = false;
    if (replicas[index] === replica) replicas[index] = startReplica(shared, replica.process.host);
  };
  if (random.chance(0.2))
    for (let i = 0; i < 5; i += 1) world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => void stop());
  return left;
}

/** Claims that it could have given back: it knows of them, and their time is not over, after which anybody takes them. */
function openClaimsOf(
  { worker, unsure, skewMs }: SimProcess,
  events: readonly StoredEvent[],
  now: number,
): Violation[] {
  const streams = new Set(events.filter(({ stream }) => stream.startsWith('task-')).map(({ stream }) => stream));
  return [...streams].flatMap((stream) => {
    const { task } = events.filter((event) => event.stream === stream).reduce(foldStored, NOTHING_LOADED);
    if (task.kind !== 'submitted' || task.claim?.worker !== worker || unsure.has(stream)) return [];
    if (epochMs(task.claim.deadlineAt) <= EPOCH_MS + now + skewMs) return [];
    const detail = `${worker} has stopped and still owns ${task.claim.job.kind}`;
    return [{ invariant: 'I1', stream, revision: task.revision, detail }];
  });
}

interface Rest {
  /** false when the history did not come to rest in time. */
  readonly isAtRest: boolean;
  readonly events: readonly StoredEvent[];
  readonly broken: readonly Violation[];
}

/**
 * Lets the healed world go on until nothing is appended any more and no task is left hanging. The invariants are asked only
 * of a quiet log: re-hashing a growing one at every look would cost more than the history itself.
 *
 * @param helpOut what people do about a quiet world; resolves to false when there is nothing for them to do.
 */
async function runToRest({ log, world: { scheduler } }: Shared, helpOut: () => Promise<boolean>): Promise<Rest> {
  const until = scheduler.now + HEALED_MS;
  let seen = { count: -1, at: scheduler.now };
  while (scheduler.now < until) {
    await scheduler.runUntil(scheduler.now + LOOK_EVERY_MS);
    if (log.size !== seen.count) seen = { count: log.size, at: scheduler.now };
    else if (scheduler.now - seen.at >= QUIET_MS && !(await helpOut())) {
      const rest = await judge(log, true);
      if (!rest.broken.some(({ invariant }) => invariant === 'I7')) return rest;
    }
  }
  return judge(log, false);
}

async function judge(log: SimLog, isAtRest: boolean): Promise<Rest> {
  const events = await log.everything();
  return { isAtRest, events, broken: check(events, { isAtRest: true }) };
}

/** A landing whose recovery gave up waits for a person, and only then will the log say again what main says. */
async function releaseUnanswered(
  { log, projects, world }: Shared,
  replicas: Replica[],
  tasks: readonly string[],
): Promise<boolean> {
  const events = await log.everything();
  const stuck = tasks.filter((id) => {
    const { task } = events.filter(({ stream }) => stream === taskStream(id)).reduce(foldStored, NOTHING_LOADED);
    return task.kind === 'submitted' && task.interruptedLanding?.needsPerson === true;
  });
  for (const id of stuck) {
    const release: TaskCommand = { type: 'ReleaseTask', data: { by: 'ann', reason: 'look again' } };
    command(replicas, projects, world, id, release).catch((error: unknown) => {
      world.note(String(error));
    });
  }
  return stuck.length > 0;
}

/** What the log says about main has to be what main says about itself, and nothing may be on it that no suite saw green. */
function checkWorld({ repository, greenTrees }: Shared, events: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const wrong = (invariant: string, detail: string) =>
    violations.push({ invariant, stream: 'main', revision: 0n, detail });
  const landed = events
    .filter(({ type }) => type === 'TaskLanded')
    .map(({ stream, data }) => `${stream.slice(5)} ${(data as { newOid: string }).newOid}`);
  const onMain = repository.landedBy.map(({ task, newOid }) => `${task} ${newOid}`);
  if ([...landed].sort().join() !== [...onMain].sort().join())
    wrong('I2b', `main has [${onMain.join()}], the log [${landed.join()}]`);
  for (const { task, newOid } of repository.landedBy) {
    if (!greenTrees.has(repository.get(newOid).tree)) wrong('I5', `${task} landed ${newOid}, which no suite saw green`);
  }
  for (const [index, oid] of repository.mainLog.entries()) {
    const before = repository.mainLog[index - 1];
    if (before && !repository.isAncestor(before, oid)) wrong('I13', `main went from ${before} to ${oid}`);
  }
  return violations;
}
