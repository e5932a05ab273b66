import { Conductor } from '../../src/application/conductor/conductor';
import { LaneRepository } from '../../src/application/conductor/lane-repository';
import { TaskExecutor } from '../../src/application/execute-task';
import { LogIdentity } from '../../src/application/log-identity';
import type { OutsideDeps } from '../../src/application/outside/outside-deps';
import { OutsideWork } from '../../src/application/outside/outside-work';
import { TakeWork } from '../../src/application/outside/take-work';
import { Sagas } from '../../src/application/sagas/sagas';
import { SwitchRepository } from '../../src/application/switch-repository';
import { TaskRepository } from '../../src/application/task-repository';
import { forEveryJob } from '../../src/domain/task/job-table';
import type { ConfiguredProjects } from '../../src/infrastructure/config/project/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SimGit } from './sim-git';
import {
  SimAgents,
  SimClock,
  SimEnvironment,
  SimHistory,
  SimTestHistory,
  SimHost,
  SimIds,
  SimIndex,
  SimLogger,
  type SimArtifacts,
} from './sim-parts';
import type { SimImages } from './sim-images';
import { NoRegistry, SimReportHistory, SimReports } from './sim-reports';
import type { SimRepository } from './sim-repository';
import { SimSetupCache } from './sim-setup-cache';
import { SimProbe } from './sim-monitors';
import { SimRunner } from './sim-runner';
import { SimStore, type SimLog } from './sim-store';
import type { SimHooks } from './sim-hooks';
import type { SimSubscribers } from './sim-subscribers';
import type { PipelineStage } from '../../src/domain/task/pipeline';
import type { SimProcess, World } from './world';

/** What all replicas of one history share. */
export interface Shared {
  readonly world: World;
  readonly log: SimLog;
  readonly repository: SimRepository;
  readonly images: SimImages;
  readonly artifacts: SimArtifacts;
  readonly greenTrees: Set<string>;
  readonly projects: ConfiguredProjects;
  /** The same, as one process has read them. */
  readonly readProjects: () => ConfiguredProjects;
  /** Where tasks enter. */
  readonly startStage: PipelineStage;
  readonly subscribers: SimSubscribers;
  readonly hooks: SimHooks;
}

export interface Replica {
  readonly process: SimProcess;
  readonly conductor: Conductor;
  readonly executor: TaskExecutor;
  readonly switches: SwitchRepository;
  readonly taking: TakeWork;
  readonly work: OutsideWork;
  readonly laneRepository: LaneRepository;
}

const OUTSIDE_BOUND_MS = 20 * 60_000;
const SLOTS = { ...forEveryJob(() => 2), 'merge-gate': 1 };

/** One replica of the service: the real conductor, sagas and deciders on simulated ports. */
export function startReplica(shared: Shared, host: string): Replica {
  const { world, log, repository, images, artifacts, greenTrees } = shared;
  const projects = shared.readProjects();
  const process = world.spawn(host);
  const store = new SimStore(world, process, log);
  const clock = new SimClock(world, process);
  const ids = new SimIds(world);
  const hasher = new NodeHasher();
  const git = new SimGit(world, process, repository);
  const runner = new SimRunner(world, process, repository, greenTrees);
  const logger = new SimLogger(world, process);
  const simHost = new SimHost(world, process);
  const tasks = new TaskRepository(store);
  const executor = new TaskExecutor({ tasks, clock, ids, hasher, worker: process.worker });
  const switches = new SwitchRepository({ store, clock, ids, hasher, worker: process.worker, projects });
  const agents = new SimAgents(world, runner, repository);
  const sagas = new Sagas({
    git,
    runner,
    host: new SimEnvironment(),
    hasher,
    clock,
    artifacts,
    agents,
    log: new LogIdentity(store),
    history: new SimHistory(),
    testHistory: new SimTestHistory(),
    probe: new SimProbe(world, process),
    reports: new SimReports(world, repository, images, clock),
    registry: new NoRegistry(),
    reportHistory: new SimReportHistory(log),
    setups: new SimSetupCache(repository),
  });
  const conductor = new Conductor(
    {
      store,
      tasks,
      executor,
      projects,
      switches,
      index: new SimIndex(log),
      sagas,
      git,
      runner,
      host: simHost,
      clock,
      ids,
      hasher,
      logger,
    },
    {
      slots: SLOTS,
      reconcileMs: 30_000,
      headPollMs: 20_000,
      conducts: () => true,
      requirePolicyInForce: true,
      setsAside: true,
    },
  );
  const index = new SimIndex(log);
  const outside: OutsideDeps = {
    ...{ executor, tasks, store, projects, git, artifacts, clock, ids, hasher },
    boundMs: OUTSIDE_BOUND_MS,
    // Whether there is something to take is for the task itself to say.
    offers: async () => (await index.open()).tasks.map(({ id }) => id),
    isPolicyInForce: () => Promise.resolve(true),
  };
  const [taking, work] = [new TakeWork(outside), new OutsideWork(outside)];
  const laneRepository = new LaneRepository({ store, clock, ids, hasher, worker: process.worker });
  const replica = { process, conductor, executor, switches, taking, work, laneRepository };
  startUntilUp(shared, replica);
  shared.subscribers.start(process);
  shared.hooks.start(process);
  return replica;
}

/** A start that meets a store that does not answer is tried again, as a process manager would. */
function startUntilUp({ world }: Shared, { conductor, process }: Replica): void {
  void conductor.start().catch((error: unknown) => {
    world.note(`${process.worker} could not start: ${String(error)}`);
    world.scheduler.schedule(process, 1_000, () => {
      startUntilUp({ world } as Shared, { conductor, process } as Replica);
    });
  });
}
