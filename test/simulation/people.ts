import { foldStored, NOTHING_LOADED } from '../../src/application/task-repository';
import { operator } from '../../src/domain/authority/principal';
import { taskStream } from '../../src/domain/ids';
import { instant } from '../../src/domain/instant';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { hasOutsiders } from './outsiders';
import { seeded } from './random';
import type { Replica, Shared } from './replica';
import { hasJudges } from './sim-judges';
import { hasCoverage } from './sim-coverage';
import { monitorOf } from './sim-monitors';
import { hasStorm, STORM_TASKS } from './sim-storms';
import { EPOCH_MS, FAULTY_MS, PROJECT, type World } from './world';

/** Submits some tasks, each asked for until somebody has answered. @returns their ids. */
export function makeTasks(
  { world, repository, projects, startStage: usual }: Shared,
  replicas: Replica[],
): readonly string[] {
  const { random, scheduler } = world;
  const count = 1 + random.below(4) + (hasStorm(world.seed) ? STORM_TASKS : 0);
  const ids = Array.from({ length: count }, (_, index) => `${PROJECT}.T${index}`);
  for (const [index, id] of ids.entries()) {
    const branch = `b${index}`;
    // Somebody outside has to let it through first.
    const startStage = hasOutsiders(world.seed) && index % 2 === 1 ? 'testing' : usual;
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
        startStage,
        priority,
        ...dependenciesOf(world.seed, ids, index),
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

/** In one history in ten tasks build on ones before them. Drawn apart, so that the others stay as they are. */
function dependenciesOf(seed: number, ids: readonly string[], index: number): { readonly dependsOn?: string[] } {
  if (!seeded(seed ^ 0xde9e).chance(0.1)) return {};
  const random = seeded(seed ^ (0xde9e + index + 1));
  const dependsOn = ids.slice(0, index).filter(() => random.chance(0.6));
  return dependsOn.length > 0 ? { dependsOn } : {};
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
  return executor.execute(id, what, conductor.contextOf(project, operator('ann')), {
    commandId: `person:${world.random.hex(12)}`,
  });
}

/** People and the outside world: new commits, pushes to main, holds, retries, cancellations. */
export function interfere(shared: Shared, replicas: Replica[], tasks: readonly string[]): void {
  const { world, repository, projects } = shared;
  const { random, scheduler } = world;
  const why = { reason: 'because' };
  const actions: readonly (() => TaskCommand | null)[] = [
    () => ({ type: 'HoldTask', data: why }),
    () => ({ type: 'ReleaseTask', data: why }),
    () => ({ type: 'ReleaseTask', data: why }),
    () => ({ type: 'RetryTask', data: why }),
    () => (random.chance(0.2) ? { type: 'CancelTask', data: why } : null),
    () => ({ type: 'ChangePriority', data: { priority: random.below(10) } }),
    () => ({ type: 'ChangePriority', data: { priority: 5 } }),
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

/** Somebody who does not wait for the gates. Draws of its own, for the reason that `SimFaults` gives. */
export function mergeByHand({ world, repository }: Shared, tasks: readonly string[]): void {
  const random = seeded(world.seed ^ 0x4a2d);
  if (!random.chance(0.1)) return;
  const branch = `b${random.below(tasks.length)}`;
  world.scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
    repository.mergeIntoMain(branch);
  });
}

/** Somebody who lets gates pass, for a moment or for days. Draws of its own, so that other histories stay as they are. */
export function overrideGates({ world, projects }: Shared, replicas: Replica[], tasks: readonly string[]): void {
  const own = world.apart(0x0e44);
  const { random, scheduler } = own;
  if (!random.chance(0.25)) return;
  const gates = [
    ...OVERRIDDEN_GATES,
    ...(monitorOf(world.seed).monitor ? (['check_monitor_healthy'] as const) : []),
    ...(hasCoverage(world.seed) ? (['check_coverage'] as const) : []),
    ...(hasJudges(world.seed) ? (['check_tests_not_weakened'] as const) : []),
  ];
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const gate = random.pick(gates);
    const lastsMs = random.pick([20_000, 3 * 60_000, 24 * 3_600_000]);
    scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
      const expiresAt = instant(EPOCH_MS + Math.round(scheduler.now) + lastsMs);
      const data = { gate, reason: 'seen by ann', paths: null, expiresAt };
      command(replicas, projects, own, random.pick(tasks), { type: 'OverrideGate', data }).catch((error: unknown) => {
        world.note(String(error));
      });
    });
  }
}

/** Where coverage is measured, somebody who waives files, the ones that a change has touched or others. Drawn apart, as ever. */
export function waivePaths({ world, projects }: Shared, replicas: Replica[], tasks: readonly string[]): void {
  if (!hasCoverage(world.seed)) return;
  const own = world.apart(0x3a17e);
  const { random, scheduler } = own;
  for (let count = 4 + random.below(12); count > 0; count -= 1) {
    const touched = () => `${random.below(TOUCHED_FILES)}.txt`;
    const paths = random.pick([() => 'named' as const, () => [touched()], () => [touched(), touched()]])();
    const lastsMs = random.pick([3 * 60_000, 24 * 3_600_000]);
    scheduler.schedule(null, random.between(0, FAULTY_MS), () => {
      const expiresAt = instant(EPOCH_MS + Math.round(scheduler.now) + lastsMs);
      const data = { gate: 'check_coverage', reason: 'seen by ann', paths, expiresAt } as const;
      command(replicas, projects, own, random.pick(tasks), { type: 'OverrideGate', data }).catch((error: unknown) => {
        world.note(String(error));
      });
    });
  }
}

/** Somebody who takes care of alerts, or closes them, whatever their tasks do; now and then one that is long over, or none. Drawn apart. */
export function answerAlerts({ world, projects, log }: Shared, replicas: Replica[], tasks: readonly string[]): void {
  const own = world.apart(0xa1e7);
  const { random, scheduler } = own;
  if (!random.chance(0.3)) return;
  const answer = async () => {
    const id = random.pick(tasks);
    const raised = (await log.everything()).filter(
      ({ stream, type }) => stream === taskStream(id) && type === 'AlertRaised',
    );
    if (raised.length === 0) return;
    const { key } = random.pick(raised).data as TaskEventData['AlertRaised'];
    const type = random.pick(['AcknowledgeAlert', 'AcknowledgeAlert', 'CloseAlert'] as const);
    const note = random.chance(0.5) ? 'seen by ann' : null;
    await command(replicas, projects, own, id, { type, data: { key, note } });
  };
  for (let count = 2 + random.below(10); count > 0; count -= 1)
    scheduler.schedule(null, random.between(0, 2 * FAULTY_MS), () => {
      answer().catch((error: unknown) => {
        world.note(String(error));
      });
    });
}

const TOUCHED_FILES = 12;

const OVERRIDDEN_GATES = [
  'check_staging_status',
  'check_staging_status',
  'check_security',
  'check_security',
  'check_ci_green',
  'check_branch_mergeable',
  'check_deploy_status',
] as const;

/** A landing whose recovery gave up waits for a person, and only then will the log say again what main says. */
export async function releaseUnanswered(
  { log, projects, world }: Shared,
  replicas: Replica[],
  tasks: readonly string[],
): Promise<boolean> {
  const events = await log.everything();
  const stuck = tasks.filter((id) => {
    const { state: task } = events.filter(({ stream }) => stream === taskStream(id)).reduce(foldStored, NOTHING_LOADED);
    return task.kind === 'submitted' && task.interruptedLanding?.needsPerson === true;
  });
  for (const id of stuck) {
    const release: TaskCommand = { type: 'ReleaseTask', data: { reason: 'look again' } };
    command(replicas, projects, world, id, release).catch((error: unknown) => {
      world.note(String(error));
    });
  }
  return stuck.length > 0;
}
