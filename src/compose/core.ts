import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { Conductor, type ConductorOptions } from '../application/conductor/conductor';
import { LaneRepository } from '../application/conductor/lane-repository';
import { Standings } from '../application/conductor/standings';
import { TaskExecutor } from '../application/execute-task';
import { Tokens } from '../application/access/tokens';
import type { AlertSink } from '../application/ports/alert-sink';
import type { ArtifactStore } from '../application/ports/artifact-store';
import type { EventStore } from '../application/ports/event-store';
import type { FilesNote, GitWorkspace } from '../application/ports/git-workspace';
import { filesNoteText } from '../application/files-note';
import type { Logger } from '../application/ports/logger';
import { UNWATCHED, type Telemetry } from '../application/ports/telemetry';
import type { Projects } from '../application/projects';
import type { Damage } from '../domain/damage';
import { ACCESS_STREAM, laneStream } from '../domain/ids';
import { KnownDamage } from '../application/known-damage';
import { LogIdentity } from '../application/log-identity';
import { Operations } from '../application/operations';
import { Redelivery } from '../application/redelivery';
import { EvidenceOperations } from '../application/evidence-operations';
import { BranchLooks } from '../application/hooks/branch-looks';
import { Deliveries } from '../application/hooks/deliveries';
import { AlertOperations } from '../application/alert-operations';
import { LaneOperations } from '../application/lane-operations';
import { EventFeed } from '../application/event-feed/event-feed';
import { EventRequests } from '../application/event-feed/event-requests';
import { SlotLines } from '../application/slot-lines';
import { SwitchOperations } from '../application/switch-operations';
import { AlertDelivery } from '../application/subscribers/alert-delivery';
import { LaneAlertDelivery } from '../application/subscribers/lane-alert-delivery';
import { ArtifactRendering } from '../application/subscribers/artifact-rendering';
import { HookEvidence } from '../application/subscribers/hook-evidence';
import { Subscribers } from '../application/subscribers/subscribers';
import { SwitchRepository } from '../application/switch-repository';
import { TaskRepository } from '../application/task-repository';
import { together } from '../application/together';
import { Upkeep } from '../application/upkeep';
import { FileArtifactStore } from '../infrastructure/artifacts/file-artifact-store';
import { LogArtifactStore } from '../infrastructure/artifacts/log-artifact-store';
import { processEnvironment } from '../infrastructure/config/environment';
import type { HookSettings } from '../infrastructure/config/project/hook-settings';
import type { ReadModelUrl, StoreUrl } from '../infrastructure/config/values/value-types';
import { openEventStore, type OpenedStore } from '../infrastructure/event-stores/open-event-store';
import type { Reachability } from '../infrastructure/event-stores/reachability';
import { SignedDeliveries } from '../infrastructure/hooks/signed-deliveries';
import { LocalGitWorkspace } from '../infrastructure/git/local-git-workspace';
import { createProcessRunner } from '../infrastructure/processes/create-process-runner';
import { isolationReport } from '../infrastructure/processes/isolation/isolation-report';
import { NO_ISOLATION } from '../infrastructure/processes/isolation/levels';
import type { Probed } from '../infrastructure/processes/isolation/probe';
import { logFileOf } from '../infrastructure/processes/proc/proc-host-environment';
import type { ProcProcessRunner } from '../infrastructure/processes/proc-process-runner';
import { ProcWorkerHost } from '../infrastructure/processes/proc/proc-worker-host';
import { openReadModelsAt } from '../infrastructure/read-models/open-read-models-at';
import { openScratch as openScratchDatabase } from '../infrastructure/read-models/open-scratch';
import { CryptoIds } from '../infrastructure/system/crypto-ids';
import { NodeHasher } from '../infrastructure/system/node-hasher';
import { OwedNotes } from '../infrastructure/system/owed-notes';
import { requireStateFolder } from '../infrastructure/system/state-folder';
import { StateGround } from '../infrastructure/system/state-ground';
import { SystemClock } from '../infrastructure/system/system-clock';
import { ObservedAlertSink } from '../infrastructure/telemetry/observed-alert-sink';
import { ObservedEventStore } from '../infrastructure/telemetry/observed-event-store';
import { parsePosition } from '../application/position';
import { hasSeenLog, newestStream } from '../projections/generations/generations';
import { Past } from '../projections/past/past';
import { ProjectionRunner } from '../projections/following/projection-runner';
import { PROJECTIONS } from '../projections/projections';
import { QUEUE } from '../projections/queue/queue.projection';
import { QueueDeadLetters } from '../projections/queue/queue-dead-letters';
import { QueueTaskIndex } from '../projections/queue/queue-task-index';
import { ReadModels } from '../projections/read-models';
import { Views } from '../projections/views';
import { hiddenFromRuns } from './hidden-from-runs';
import { KnownLog, refuseMissingLog } from './known-log';
import { sagasOf } from './sagas';
import { outsideOf, type Outside } from './outside';
import { installTestFailpoint } from './test-failpoint';
import { refuseHalfImported } from './unfinished-import';

export interface CoreSettings {
  readonly stateDir: string;
  readonly eventStore: StoreUrl;
  readonly readModel: ReadModelUrl;
  readonly projects: Projects;
  readonly agentEnvironment: readonly string[];
  /** Whether folders that set-ups make are kept for later runs; default: yes. */
  readonly setupCache?: boolean;
  /** How long a claim of an outside worker may last; default: `OUTSIDE_BOUND_MS`. */
  readonly outsideBoundMs?: number;
  readonly logger: Logger;
  /** Where the secrets of those are who may send webhooks about a project; default: nobody may. */
  readonly hooksOf?: (project: string) => HookSettings;
  /** Files with secrets, by whole paths, that nothing is to see which the service starts; default: none. */
  readonly secretFiles?: readonly string[];
  /** Default: none. What is said where nobody looks would count as delivered. */
  readonly alertSinks?: readonly AlertSink[];
  /** Told of what is done; default: nobody watches. */
  readonly telemetry?: Telemetry;
  /** A command that accepts another log than the state folder's, for messages; default: that of the service. */
  readonly newLogWith?: string;
  /** Another log than the state folder's is what the user wants. */
  readonly isNewLog?: boolean;
}

/** Everything that runs without Nest: what `up`, `land`, `demo` and the reading commands share. */
export class Core {
  readonly clock = new SystemClock();
  readonly ids = new CryptoIds();
  readonly hasher = new NodeHasher();
  readonly host = new ProcWorkerHost();
  readonly tasks: TaskRepository;
  readonly executor: TaskExecutor;
  readonly switches: SwitchRepository;
  readonly models: ReadModels;
  readonly past: Past;
  readonly projector: ProjectionRunner;
  readonly index: QueueTaskIndex;
  readonly git: GitWorkspace;
  readonly runner: ProcProcessRunner;
  readonly ground: StateGround;
  readonly artifacts: ArtifactStore;
  readonly store: EventStore;
  readonly damage: KnownDamage;
  readonly upkeep: Upkeep;
  readonly slotLines = new SlotLines();
  readonly standings = new Standings();
  readonly looks = new BranchLooks();
  readonly tokens: Tokens;
  readonly subscribers: Subscribers;
  readonly feed: EventFeed;
  private readonly noteDamage = (damage: Damage): void => {
    this.damage.note(damage);
  };
  private readonly logFiles = (note: FilesNote): void => {
    this.settings.logger.warn('a landing had been cut short before its files followed', { now: filesNoteText(note) });
  };
  private checking: Promise<void> = Promise.resolve();
  private readonly identity: LogIdentity;
  private readonly knownLog: KnownLog;

  private constructor(
    readonly settings: CoreSettings,
    private readonly opened: OpenedStore,
    private readonly db: Kysely<unknown>,
  ) {
    const { stateDir, logger } = settings;
    const { clock, ids, hasher, host } = this;
    const { telemetry = UNWATCHED } = settings;
    const store = telemetry === UNWATCHED ? opened.store : new ObservedEventStore(opened.store, telemetry);
    this.store = store;
    this.ground = new StateGround(stateDir, settings.eventStore.kind === 'file' ? settings.eventStore.path : null);
    this.git = new LocalGitWorkspace({
      stateDir,
      worker: host.self,
      logger,
      isDead: (worker) => host.isProvablyDead(worker),
    });
    this.runner = createProcessRunner({
      stateDir,
      worker: host.self,
      treeKill: true,
      hidden: hiddenFromRuns(settings),
    });
    const files = new FileArtifactStore(stateDir);
    const isShared = settings.eventStore.kind === 'postgres' || settings.eventStore.kind === 'eventstoredb';
    const inLog = { store, clock, ids, hasher, worker: host.self };
    this.artifacts = isShared ? new LogArtifactStore(files, inLog) : files;
    this.damage = new KnownDamage({ store, hasher, logger });
    this.tasks = new TaskRepository(store, { hasher, onDamage: this.noteDamage });
    this.switches = new SwitchRepository({ ...inLog, projects: settings.projects, onDamage: this.noteDamage });
    this.subscribers = this.makeSubscribers();
    this.upkeep = new Upkeep({ git: this.git, tasks: this.tasks, logger });
    this.executor = new TaskExecutor({
      tasks: this.tasks,
      clock,
      ids,
      hasher,
      worker: host.self,
      subscribers: this.subscribers,
      telemetry,
      onAppended: () => {
        this.knownLog.note();
      },
    });
    this.tokens = new Tokens({
      store,
      clock,
      ids,
      hasher,
      worker: host.self,
      projects: settings.projects,
      onDamage: this.noteDamage,
      onAppended: () => {
        this.knownLog.note();
      },
    });
    this.identity = new LogIdentity(store);
    this.knownLog = new KnownLog({ ...settings, identity: this.identity });
    const log = this.identity;
    this.models = new ReadModels(db, log);
    const openScratch = () => openScratchDatabase(stateDir);
    this.past = new Past({ store, log, clock, models: this.models, openScratch }, QUEUE);
    this.projector = new ProjectionRunner({ store, db, log, clock, logger }, PROJECTIONS);
    this.feed = new EventFeed({
      store,
      clock,
      log,
      damageOf: (stream) => this.damage.of(stream),
      nearEnd: async () => {
        const shown = await this.models.readIfBuilt(QUEUE, ({ position }) => Promise.resolve(position));
        return shown ? parsePosition(shown.value) : 'start';
      },
    });
    this.index = new QueueTaskIndex(this.models, () => this.projector.catchUp());
  }

  /** Ready for use. @throws StoreUnavailable, StoreCorrupt with a line for the user. */
  static async open(settings: CoreSettings): Promise<Core> {
    const core = await Core.prepare(settings);
    try {
      await core.verify();
      return core;
    } catch (error) {
      await core.close();
      throw error;
    }
  }

  /** Opens what is on this machine; a server may still be away: nothing is to be read or appended before `verify`. */
  static async prepare(settings: CoreSettings): Promise<Core> {
    const { stateDir, eventStore, readModel, logger } = settings;
    installTestFailpoint();
    requireStateFolder(stateDir);
    refuseHalfImported(stateDir, eventStore);
    refuseMissingLog(settings);
    const opened = await openEventStore(eventStore, logger);
    try {
      return new Core(settings, opened, await openReadModelsAt(readModel, logger));
    } catch (error) {
      await opened.store.close();
      throw error;
    }
  }

  get reachability(): Reachability {
    return this.opened.reachability;
  }

  /**
   * @throws StoreUnavailable, StoreCorrupt with a line for the user, as long as the store cannot be used; LOG_MISSING,
   *   LOG_OTHER when it does not hold the log of this state folder.
   */
  async verify(): Promise<void> {
    await this.opened.verify();
    const isKept = this.settings.readModel.kind === 'file';
    await this.knownLog.check(async () => isKept && (await hasSeenLog(this.db)));
  }

  /** Notes which log the state folder belongs to, now that there is one. */
  noteLog(): void {
    this.knownLog.note();
  }

  /**
   * Looks, beside the work, at what a service may read much later only: the stream that the log ends with, tokens, and the lanes.
   * Policies and open tasks it reads anyway.
   */
  checkHead(): void {
    const { logger } = this.settings;
    this.checking = this.lookAtHead().catch((error: unknown) => {
      logger.warn('the end of the log could not be checked', { error: String(error) });
    });
  }

  /** For whoever follows no subscription: what the log says of the switches, as of now. */
  async readSwitches(): Promise<void> {
    for (const { policy } of this.settings.projects.all()) await this.switches.read(policy.project);
  }

  /** For a service, after `verify`. @throws StoreUnavailable with a line for the user, as long as the store takes too little. */
  mayAppend(): Promise<void> {
    return this.opened.mayAppend();
  }

  /** What people ask of tasks, whichever door they come through. */
  operations(): Operations {
    const { executor, tasks, git, clock, ids } = this;
    return new Operations({ executor, tasks, git, clock, ids, projects: this.settings.projects });
  }

  evidenceOperations(): EvidenceOperations {
    return new EvidenceOperations({ operations: this.operations(), artifacts: this.artifacts });
  }

  /** What webhooks bring. */
  deliveries(): Deliveries {
    const { store, clock, ids, hasher, host, looks, subscribers } = this;
    const { projects } = this.settings;
    return new Deliveries({ store, clock, ids, hasher, worker: host.self, projects, looks, subscribers });
  }

  /** Who may send them. */
  signedDeliveries(): SignedDeliveries {
    const { hooksOf = () => ({}), logger } = this.settings;
    return new SignedDeliveries({ hooksOf, environment: processEnvironment(), clock: this.clock, logger });
  }

  laneOperations(): LaneOperations {
    return new LaneOperations({ lanes: this.lanes(), projects: this.settings.projects });
  }

  alertOperations(): AlertOperations {
    return new AlertOperations({
      operations: this.operations(),
      lanes: this.lanes(),
      projects: this.settings.projects,
    });
  }

  redelivery(): Redelivery {
    const { store, clock, ids, hasher, host } = this;
    const letters = new QueueDeadLetters(this.models, () => this.projector.catchUp());
    return new Redelivery({ store, clock, ids, hasher, worker: host.self, letters, onDamage: this.noteDamage });
  }

  /** What there is to read. */
  views(): Views {
    const { models, past, store, clock, damage, subscribers, slotLines, artifacts } = this;
    const { projects } = this.settings;
    return new Views({ models, past, store, clock, damage, subscribers, slotLines, artifacts, projects });
  }

  eventRequests(): EventRequests {
    return new EventRequests(this.feed, { store: this.store, projects: this.settings.projects });
  }

  switchOperations(): SwitchOperations {
    return new SwitchOperations({ switches: this.switches, projects: this.settings.projects });
  }

  /** Work for whoever does it elsewhere. */
  outside(): Outside {
    return outsideOf(this, this.noteDamage);
  }

  /**
   * A conductor on this core; the caller starts and stops it. Finds out first how well this machine can isolate runs, and
   * finishes the files of landings that a killed process has left half done.
   *
   * @param tell what there is to say of such files; default: it is logged.
   */
  async conductor(options: ConductorOptions, tell = this.logFiles): Promise<Conductor> {
    const { store, tasks, executor, switches, index, git, runner, host, clock, ids, hasher } = this;
    const { projects, logger, telemetry = UNWATCHED } = this.settings;
    await this.readSwitches();
    const [probed, notes] = await together(this.probed(), this.settleFiles());
    const { level, missing } = isolationReport(probed);
    const why = missing.map((stronger) => `${stronger.level}: ${stronger.obstacle} (${stronger.fix})`).join('; ');
    logger.info('isolation of runs', { isolation: level, notStronger: why });
    this.subscribers.start();
    notes.forEach(tell);
    const onDamage = this.noteDamage;
    const sagas = sagasOf(this, this.identity);
    const observe: ConductorOptions['observe'] = (task, step) => {
      options.observe?.(task, step);
      const project = projects.get(task.project);
      if (step.kind === 'finished' && project) this.upkeep.taskEnded(project);
    };
    return new Conductor(
      {
        store,
        tasks,
        executor,
        projects,
        switches,
        index,
        sagas,
        git,
        runner,
        host,
        clock,
        ids,
        hasher,
        logger,
        onDamage,
        slotLines: this.slotLines,
        standings: this.standings,
        telemetry,
        looks: this.looks,
      },
      { ...options, observe },
    );
  }

  private lanes(): LaneRepository {
    const { store, clock, ids, hasher, host } = this;
    return new LaneRepository({ store, clock, ids, hasher, worker: host.self, onDamage: this.noteDamage });
  }

  /** The file with the whole output of a run. */
  logFile(runId: string): string {
    return logFileOf(this.settings.stateDir, runId);
  }

  /** Where every project has the end of whole runs switched off, the runner may be the problem: it tries nothing then. */
  private async probed(): Promise<Probed> {
    const { projects } = this.settings;
    const all = projects.all().map(({ policy }) => projects.switches(policy.project));
    const isUnused = all.length > 0 && all.every(({ subprocessTreeKill }) => !subprocessTreeKill);
    return isUnused ? { isolation: NO_ISOLATION, attempts: [] } : this.runner.probed();
  }

  private async settleFiles(): Promise<readonly FilesNote[]> {
    const { projects, logger } = this.settings;
    const notes = projects.all().map(({ repository }) =>
      this.git.settleFiles(repository).catch((error: unknown) => {
        logger.warn('what a landing has left in a work tree was not looked at', { error: String(error) });
        return [];
      }),
    );
    return (await Promise.all(notes)).flat();
  }

  /** Paths of a task's artifacts that stand under their names. */
  artifactDir(project: string, task: string): string {
    return join(this.settings.stateDir, 'artifacts', project, task);
  }

  private makeSubscribers(): Subscribers {
    const { store, clock, ids, hasher, host, git, artifacts, tasks } = this;
    const { stateDir, projects, logger, alertSinks = [], telemetry = UNWATCHED } = this.settings;
    const sinks = alertSinks.map((sink) => new ObservedAlertSink(sink, telemetry));
    const notes = new OwedNotes(stateDir, store);
    const deps = {
      store,
      clock,
      ids,
      hasher,
      logger,
      worker: host.self,
      isDead: (worker: string) => host.isProvablyDead(worker),
      origin: () => notes.origin(),
      onBegun: () => notes.remove(),
      onDamage: this.noteDamage,
    };
    return new Subscribers(deps, [
      ...sinks.flatMap((sink) => [new AlertDelivery(sink), new LaneAlertDelivery(sink)]),
      new ArtifactRendering({ tasks, artifacts, git, projects, clock, logger }),
      ...this.hookEvidence(),
    ]);
  }

  /** Nobody follows what nobody may send. */
  private hookEvidence(): readonly HookEvidence[] {
    const { tasks, looks } = this;
    const { projects, hooksOf = () => ({}) } = this.settings;
    if (!projects.all().some(({ policy }) => Object.keys(hooksOf(policy.project)).length > 0)) return [];
    return [
      new HookEvidence({ tasks, looks, projects, index: () => this.index, evidence: () => this.evidenceOperations() }),
    ];
  }

  private async lookAtHead(): Promise<void> {
    const last = await newestStream(this.db, this.identity, QUEUE);
    if (last !== null) await this.damage.check(last);
    await this.damage.check(ACCESS_STREAM);
    for (const { policy } of this.settings.projects.all()) await this.damage.check(laneStream(policy.project));
  }

  async close(): Promise<void> {
    await this.upkeep.stop();
    await this.feed.stop();
    await this.subscribers.stop();
    await this.checking;
    await this.knownLog.settled();
    await this.projector.stop();
    await this.past.close();
    await this.store.close();
    await this.db.destroy();
  }
}
