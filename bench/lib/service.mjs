import { setTimeout as delay } from 'node:timers/promises';
import { InstantAgents, InstantArtifacts } from './instant-files.mjs';
import { openReadModels, openStore } from './open-store.mjs';
import { product } from './product.mjs';

const LOOK_MS = 2;

/**
 * The whole service as `stagegate up` composes it, without its HTTP face.
 *
 * @param {object} given
 * @param {object} given.ports `git` and `runner`: real ones, watched ones, or such as answer at once
 * @param {object} given.projects what `Projects` answers
 * @param {object} given.hooks `observe(task, step)`, `onAppended(task, events)`, `around(context, run)` for every job
 * @param {boolean} given.files artifacts and agents' folders on disk; else both answer at once, too
 * @param {boolean} given.readSide whether read models follow the log meanwhile; default: they do
 */
export async function startService({ dir, slots, ports, projects, hooks, files, readSide = true, ...options }) {
  const parts = { ...(await openParts({ dir, files, ...options })), ...ports, projects };
  const { executor, subscribers } = makeExecutor(parts, { hooks });
  const sagas = makeSagas(parts, { dir, files });
  const { SwitchRepository } = product('application/switch-repository.js');
  const switches = new SwitchRepository({ ...parts, worker: parts.host.self });
  const { Conductor } = product('application/conductor/conductor.js');
  const { forEveryJob } = product('domain/task/job-table.js');
  const { RECONCILE_MS, HEAD_POLL_MS } = product('compose/defaults.js');
  const conductor = new Conductor(
    { ...parts, executor, switches, sagas: { run: (context) => hooks.around(context, () => sagas.run(context)) } },
    {
      slots: forEveryJob(() => slots),
      reconcileMs: RECONCILE_MS,
      headPollMs: HEAD_POLL_MS,
      conducts: () => true,
      requirePolicyInForce: true,
      setsAside: false,
      observe: hooks.observe,
    },
  );
  if (readSide) await parts.projector.start();
  subscribers.start();
  await conductor.start();
  const { Operations } = product('application/operations.js');
  const stop = async () => {
    await conductor.stop();
    await subscribers.stop();
    await parts.projector.stop();
    await parts.store.close();
    await parts.db.destroy();
  };
  return { ...parts, operations: new Operations({ ...parts, executor }), subscribers, stop };
}

/** Parts that need neither git nor processes. */
async function openParts(options) {
  const { dir, files } = options;
  const { store, calls } = counted(await openStore(options));
  const db = await openReadModels(options);
  const made = (path, name, ...args) => new (product(path)[name])(...args);
  const clock = made('infrastructure/system/system-clock.js', 'SystemClock');
  const logger = made('infrastructure/system/pino-logger.js', 'PinoLogger', { level: 'warn' });
  const identity = made('application/log-identity.js', 'LogIdentity', store);
  const models = made('projections/read-models.js', 'ReadModels', db, identity);
  const { PROJECTIONS } = product('projections/projections.js');
  const deps = { store, db, clock, logger };
  const following = { ...deps, log: identity };
  const projector = made('projections/following/projection-runner.js', 'ProjectionRunner', following, PROJECTIONS);
  return {
    ...deps,
    calls,
    identity,
    models,
    projector,
    index: made('projections/queue/queue-task-index.js', 'QueueTaskIndex', models, () => projector.catchUp()),
    tasks: made('application/task-repository.js', 'TaskRepository', store),
    ids: made('infrastructure/system/crypto-ids.js', 'CryptoIds'),
    hasher: made('infrastructure/system/node-hasher.js', 'NodeHasher'),
    host: made('infrastructure/processes/proc/proc-worker-host.js', 'ProcWorkerHost'),
    artifacts: files
      ? made('infrastructure/artifacts/file-artifact-store.js', 'FileArtifactStore', dir)
      : new InstantArtifacts(),
  };
}

/** Counts what is asked of the store. @param {object} store */
function counted(store) {
  const calls = { append: 0, readStream: 0, readAll: 0 };
  for (const name of Object.keys(calls)) {
    const original = store[name].bind(store);
    store[name] = (...args) => {
      calls[name] += 1;
      return original(...args);
    };
  }
  return { store, calls };
}

function makeExecutor(parts, { hooks: { onAppended } }) {
  const { TaskExecutor } = product('application/execute-task.js');
  const { Subscribers } = product('application/subscribers/subscribers.js');
  const { AlertDelivery } = product('application/subscribers/alert-delivery.js');
  const { ArtifactRendering } = product('application/subscribers/artifact-rendering.js');
  const { LoggerAlertSink } = product('infrastructure/alerts/logger-alert-sink.js');
  const worker = parts.host.self;
  const subscribers = new Subscribers({ ...parts, worker, isDead: () => false, origin: () => Promise.resolve(null) }, [
    new AlertDelivery(new LoggerAlertSink(parts.logger)),
    new ArtifactRendering(parts),
  ]);
  return { executor: new TaskExecutor({ ...parts, worker, subscribers, onAppended }), subscribers };
}

/** Resolves when subscribers have done what the log tells them to. */
export async function atRest({ subscribers }) {
  do await delay(LOOK_MS);
  while ((await subscribers.views()).some(({ behind }) => behind > 0));
}

/** No project of the benchmark keeps what its set-up makes. */
const NO_SETUPS = { offer: () => Promise.resolve() };

function makeSagas(parts, { dir, files }) {
  const { git, runner, hasher, clock, artifacts, logger, identity, models, projector } = parts;
  const { Sagas } = product('application/sagas/sagas.js');
  const { ProcHostEnvironment } = product('infrastructure/processes/proc/proc-host-environment.js');
  const { CommandAgentTransport } = product('infrastructure/agents/command-agent-transport.js');
  const host = new ProcHostEnvironment({ stateDir: dir, isolation: 'L1-cookie' });
  const agents = files
    ? new CommandAgentTransport({ runner, host, logger, stateDir: dir, environment: ['PATH', 'HOME'] })
    : new InstantAgents(runner);
  // Without runs of before to compare with: what a suite usually takes is no part of what is measured.
  const history = { baseline: () => Promise.resolve(null) };
  // The runs print nothing, so that there is nothing to compare either.
  const testHistory = { onMain: () => Promise.resolve(null) };
  const { BoundedReportReader } = product('infrastructure/reports/bounded-report-reader.js');
  const { KnownReports } = product('projections/reports/known-reports.js');
  const reports = new BoundedReportReader();
  const reportHistory = new KnownReports(models, () => projector.catchUp());
  const forReports = { reports, reportHistory };
  return new Sagas({
    ...{ git, runner, host, hasher, clock, artifacts, agents, history, testHistory, ...forReports },
    log: identity,
    setups: NO_SETUPS,
  });
}

/** @param {readonly object[]} settings as a project file would have them */
export function projectsOf(settings) {
  const { buildProject } = product('infrastructure/config/project/build-project.js');
  const { ConfiguredProjects } = product('infrastructure/config/project/configured-projects.js');
  const { NodeHasher } = product('infrastructure/system/node-hasher.js');
  const hasher = new NodeHasher();
  return new ConfiguredProjects(settings.map((one) => ({ project: buildProject(hasher, one) })));
}
