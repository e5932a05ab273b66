import {
  LANE_STREAM_PREFIX,
  parseTaskId,
  POLICY_STREAM_PREFIX,
  SWITCH_STREAM_PREFIX,
  TASK_STREAM_PREFIX,
  type TaskId,
  taskIn,
} from '../../domain/ids';
import { SERVICE, type Principal } from '../../domain/authority/principal';
import type { Damage } from '../../domain/damage';
import type { Revision } from '../../domain/fact';
import { instant } from '../../domain/instant';
import { nextStep } from '../../domain/task/next-step';
import type { Step } from '../../domain/task/next/step';
import type { Surroundings } from '../../domain/task/task.commands';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { BranchLooks } from '../hooks/branch-looks';
import type { Clock } from '../ports/clock';
import { EventRefused, type EventStore, type StoredEvent } from '../ports/event-store';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Ground } from '../ports/ground';
import type { Hasher, Ids } from '../ports/ids';
import type { Logger } from '../ports/logger';
import type { ProcessRunner } from '../ports/process-runner';
import type { TaskIndex } from '../ports/task-index';
import type { Telemetry } from '../ports/telemetry';
import type { WorkerHost } from '../ports/worker-host';
import type { Project, Projects } from '../projects';
import type { Sagas } from '../sagas/sagas';
import { sleep } from '../sleep';
import type { SlotLines } from '../slot-lines';
import type { SwitchRepository } from '../switch-repository';
import type { TaskRepository } from '../task-repository';
import { Around } from './around';
import { LaneRepository } from './lane-repository';
import { LaneQueue } from './lane-queue';
import { Lanes } from './lanes';
import { Dependencies } from './dependencies';
import { ClaimWatch } from './claim-watch';
import { FirmGround } from './firm-ground';
import { AS_KNOWN, Looks, type Occasion } from './looks';
import { PolicyRepository } from './policy-repository';
import { Recovery } from './recovery';
import { Runs } from './runs';
import { Slots, type SlotLimits } from './slots';
import type { Standings } from './standings';
import { SwitchFollower } from './switch-follower';
import { SwitchWatch } from './switch-watch';
import { Timers } from './timers';
import { HeadWatcher } from './head-watcher';
import { ProjectWatcher } from './project-watcher';

export interface ConductorDeps {
  readonly store: EventStore;
  readonly tasks: TaskRepository;
  readonly executor: TaskExecutor;
  readonly projects: Projects;
  readonly switches: SwitchRepository;
  readonly index: TaskIndex;
  readonly sagas: Sagas;
  readonly git: GitWorkspace;
  readonly runner: ProcessRunner;
  readonly host: WorkerHost;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly logger: Logger;
  /** Told of every stream that cannot be relied on, as often as it is read. */
  readonly onDamage?: (damage: Damage) => void;
  /** For whoever shows where tasks stand. */
  readonly slotLines?: SlotLines;
  /** For whoever counts where tasks stand. */
  readonly standings?: Standings;
  readonly telemetry?: Telemetry;
  /** For whoever hears of a push before the next poll. */
  readonly looks?: BranchLooks;
}

export interface ConductorOptions {
  readonly slots: SlotLimits;
  /** Repairs whatever an event, a timer or a hook missed. */
  readonly reconcileMs: number;
  readonly headPollMs: number;
  /** Which tasks this process moves. A one-shot process moves its own only. */
  readonly conducts: (task: TaskId) => boolean;
  /** Only tasks whose policy in force is this process's own. */
  readonly requirePolicyInForce: boolean;
  /** Whether a project whose repository cannot be worked with is set aside; otherwise its tasks run into it. */
  readonly setsAside: boolean;
  /** What this process stands on: while anything of it is amiss nothing new is begun. Left out where nobody looks. */
  readonly ground?: Ground;
  /** False for a task that gets no further job here; without it every task gets what comes next. */
  readonly mayGoOn?: (task: SubmittedTask) => boolean;
  /** Called after every look, with what comes next. */
  readonly observe?: (task: SubmittedTask, step: Step) => void;
}

/** How often it is looked whether what was in the way of new work is so no longer. */
const GROUND_LOOK_MS = 1_000;
/** After a failed look (the store did not answer) the task is looked at again. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Obeys `nextStep`. Level-triggered: an event, a timer or the reconciliation only says "look at this task"; what to do is decided
 * on the task's state, as new as that event or as the stream, so that nothing that gets lost on the way is missed for good.
 */
export class Conductor {
  readonly lanes: Lanes;
  private readonly policies: PolicyRepository;
  private readonly queue: LaneQueue;
  private readonly dependencies: Dependencies;
  private readonly timers: Timers;
  private readonly watch: ClaimWatch;
  private readonly runs: Runs;
  private readonly recovery: Recovery;
  private readonly around: Around;
  private readonly heads: HeadWatcher;
  private readonly switches: SwitchFollower;
  private readonly otherSwitches: SwitchWatch;
  private readonly standing: ProjectWatcher;
  private readonly ground: FirmGround;
  private isUp = false;
  private readonly stopping = new AbortController();
  private readonly looks: Looks;
  private readonly background = new Set<Promise<void>>();
  /** Tasks that are finished or wait for somebody else, and the revision at which that was found: an event changes it, or a switch. */
  private readonly resting = new Map<TaskId, Revision>();

  constructor(
    private readonly deps: ConductorDeps,
    private readonly options: ConductorOptions,
  ) {
    const { store, clock, ids, hasher, host } = deps;
    const { onDamage } = deps;
    this.looks = new Looks({
      clock,
      signal: this.stopping.signal,
      conducts: options.conducts,
      lookOnce: (task, occasion) => this.lookOnce(task, occasion),
      lookFailed: (task, error) => this.lookFailed(task, error),
    });
    const keeperDeps = { store, clock, ids, hasher, worker: host.self, ...(onDamage && { onDamage }) };
    this.ground = new FirmGround(options.ground ?? null, deps.logger);
    this.policies = new PolicyRepository(keeperDeps);
    this.switches = new SwitchFollower(deps, (project) => this.lookAtProject(project));
    this.otherSwitches = new SwitchWatch({ ...deps, self: host.self });
    this.queue = new LaneQueue();
    this.timers = new Timers(clock, (task) => {
      this.look(task);
    });
    this.watch = new ClaimWatch(deps, (task) => {
      this.look(task, AS_KNOWN);
    });
    this.dependencies = new Dependencies({ ...deps, contextOf: (project) => this.contextOf(project) });
    this.lanes = new Lanes({ ...deps, keeper: new LaneRepository(keeperDeps) });
    this.around = new Around({ ...deps, lanes: this.lanes, watch: this.watch, policies: this.policies });
    this.recovery = new Recovery({
      ...deps,
      lanes: this.lanes,
      watch: this.watch,
      contextOf: (project) => this.contextOf(project),
    });
    const slots = new Slots(options.slots);
    deps.slotLines?.follow((now) => slots.places(now));
    this.runs = new Runs(
      { ...deps, lanes: this.lanes, contextOf: (project) => this.contextOf(project) },
      {
        slots,
        look: (task, revision) => {
          this.look(task, revision);
        },
        lookLater: (task) => {
          this.lookLater(task);
        },
        mayClaim: (task, project) => this.mayClaim(task, project),
      },
    );
    this.standing = new ProjectWatcher(deps, (project) => {
      // Before that, every task is looked at for the first time anyway.
      if (this.isUp) this.keep(this.projectChanged(project));
    });
    this.heads = new HeadWatcher({
      ...deps,
      contextOf: (project) => this.contextOf(project),
      lookAt: (project, branches) => this.lookAtRepository(project, branches),
    });
  }

  /** Resolves when what dead workers of this host left is cleaned up; every open task is looked at from then on. */
  async start(): Promise<void> {
    const { projects, index, store } = this.deps;
    if (this.options.setsAside) await this.standing.start();
    // A replica that cannot work for a project does not take it from those that can.
    for (const project of projects.all())
      if (!projects.setAside(project.policy.project)) await this.policies.record(project);
    const open = await index.open();
    // Later than that place in the log: what is told from there on goes on from what is read here.
    await this.switches.start();
    const claimed = open.tasks.flatMap(({ id, isClaimed }) => (isClaimed ? [id] : []));
    await this.recovery.cleanUp(claimed, this.options.conducts);
    const subscription = store.subscribe({
      after: open.position,
      prefixes: [TASK_STREAM_PREFIX, LANE_STREAM_PREFIX, POLICY_STREAM_PREFIX, SWITCH_STREAM_PREFIX],
      onPage: (events) => {
        for (const event of events) this.onEvent(event);
      },
      signal: this.stopping.signal,
    });
    this.keep(subscription.done);
    this.isUp = true;
    this.deps.looks?.follow((project) => this.lookAtBranches(project));
    this.keep(this.every(this.options.reconcileMs, () => this.reconcile()));
    this.keep(this.every(this.options.headPollMs, () => this.heads.poll()));
    if (this.options.ground) this.keep(this.every(GROUND_LOOK_MS, () => this.lookAtGround()));
    this.keep(this.looks.atAll(open.tasks.map(({ id }) => id)));
  }

  /** Stops taking work, ends what runs, gives claims back. A landing under way is waited for. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.timers.stop();
    this.watch.stop();
    await this.runs.stop();
    await Promise.all([...this.background, this.looks.ended()]);
    // A claim that was on its way when we were told to stop has begun a run meanwhile.
    await this.runs.stop();
  }

  look(task: TaskId, occasion?: Occasion): void {
    this.looks.at(task, occasion);
  }

  /** What was recorded while it was set aside is not in force here, and where its tasks rested was because of that. */
  private async projectChanged(project: Project): Promise<void> {
    const { project: key } = project.policy;
    try {
      if (!this.deps.projects.setAside(key)) await this.policies.record(project);
      await this.lookAtProject(key);
    } catch (error) {
      this.deps.logger.warn('a project could not be taken up again', { project: key, error: String(error) });
    }
  }

  /** Where its tasks rested was because of what surrounds them, and that has changed. */
  private async lookAtProject(key: string): Promise<void> {
    const { tasks } = await this.deps.index.open();
    const mine = tasks.map(({ id }) => id).filter((id) => parseTaskId(id)?.project === key);
    for (const id of mine) this.resting.delete(id);
    await this.looks.atAll(mine);
  }

  private lookAtRepository(project: Project, branches: readonly string[]) {
    if (this.options.setsAside) return this.standing.look(project, branches);
    return this.deps.git.heads(project.repository, branches);
  }

  contextOf(project: Project, principal: Principal = SERVICE): ContextOf {
    return this.around.contextOf(project, principal);
  }

  /** A store that does not answer will; what it refuses for good it will refuse again until something else has happened. */
  private async lookFailed(task: TaskId, error: unknown): Promise<void> {
    const { tasks, logger } = this.deps;
    this.runs.leaveLine(task);
    if (error instanceof EventRefused) {
      logger.error('the event store refuses what comes next for a task', { task, error: String(error) });
      const { revision } = (await tasks.recall(task).catch(() => null)) ?? {};
      if (typeof revision === 'bigint') this.resting.set(task, revision);
      return;
    }
    logger.warn('a look failed and will be repeated', { task, error: String(error) });
    this.lookLater(task);
  }

  private lookLater(task: TaskId): void {
    this.timers.set(task, instant(this.deps.clock.now() + LOOK_AGAIN_MS));
  }

  private async lookOnce(id: TaskId, occasion: Occasion): Promise<void> {
    const project = this.projectOf(id);
    if (!project) return;
    const { tasks } = this.deps;
    const { state: task } = await (occasion === 'latest' ? tasks.load(id) : tasks.asOf(id, occasion));
    if (task.kind === 'unknown') return;
    this.heads.watch(task);
    this.watch.see(task);
    if (this.runs.isBusy(task)) {
      this.deps.standings?.seeRunning(task);
      return;
    }
    if (task.claim && (await this.recovery.takeBack(task, project))) return;
    const around = await this.around.surroundings(project, task);
    const step = this.decideStep(task, project, around);
    this.deps.standings?.see(task, step);
    this.options.observe?.(task, step);
    await this.lanes.releaseUnwanted(task, project, around);
    await this.obey(task, project, step, around);
  }

  private async obey(task: SubmittedTask, project: Project, step: Step, around: Surroundings): Promise<void> {
    this.timers.clear(task.id);
    this.resting.delete(task.id);
    this.dependencies.forget(task.id);
    if (step.kind !== 'run') this.runs.leaveLine(task.id);
    switch (step.kind) {
      case 'run':
        if (this.mayClaim(task, project)) await this.runs.start(task, project, step.job);
        else this.runs.leaveLine(task.id);
        return;
      case 'decide':
        // What a policy asks for is for those to say whose policy is in force.
        if (step.command.type === 'EvaluateGates' && !this.mayClaim(task, project)) return;
        await this.deps.executor.execute(task.id, step.command, this.contextOf(project), {
          commandId: ({ revision }) => `${task.id}@${revision}:${step.command.type}`,
        });
        this.look(task.id);
        return;
      case 'wait':
        if (step.until) this.timers.set(task.id, step.until);
        else if (step.on) await this.waitForOthers(task, project);
        else await this.waitForLane(task, project, around);
        return;
      case 'await':
      case 'finished':
        this.resting.set(task.id, task.revision);
        return;
    }
  }

  /** `nextStep`, with whose turn it is in the lane among the tasks this process knows to want it. */
  private decideStep(task: SubmittedTask, project: Project, around: Surroundings): Step {
    const now = instant(this.deps.clock.now());
    const step = nextStep(task, now, project.policy, around);
    const best = this.queue.update(task, step, now, around.lane.pause);
    if (step.kind !== 'run' || best === null || best === task.id) return step;
    // Those who wait for the end of a pause are no reason not to ask git about an interrupted landing.
    if (step.job.kind === 'landing-recovery' && around.lane.pause) return step;
    this.look(best);
    return nextStep(task, now, project.policy, { ...around, lane: { ...around.lane, nextInLine: best } });
  }

  private async waitForLane(task: SubmittedTask, project: Project, around: Surroundings): Promise<void> {
    const recheckAt = await this.recovery.checkLaneHolder(project, around, this.options.conducts);
    if (recheckAt) this.timers.set(task.id, recheckAt);
  }

  private async waitForOthers(task: SubmittedTask, project: Project): Promise<void> {
    if (await this.dependencies.takeNote(task, project)) this.look(task.id);
    else this.resting.set(task.id, task.revision);
  }

  private mayClaim(task: SubmittedTask, project: Project): boolean {
    if (this.options.mayGoOn?.(task) === false || !this.ground.mayBegin()) return false;
    if (!this.options.requirePolicyInForce || this.policies.isInForce(project)) return true;
    this.deps.logger.warn('another replica recorded a different policy; not claiming', {
      project: project.policy.project,
    });
    return false;
  }

  private onEvent(event: StoredEvent): void {
    if (event.stream.startsWith(TASK_STREAM_PREFIX)) {
      const task = taskIn(event.stream);
      this.deps.tasks.observe(task, event);
      this.otherSwitches.see(parseTaskId(task)?.project ?? '', event);
      this.look(task, event.revision);
      for (const waiter of this.dependencies.waitersAfter(task, event)) {
        this.resting.delete(waiter);
        this.look(waiter, AS_KNOWN);
      }
    } else if (event.stream.startsWith(LANE_STREAM_PREFIX)) {
      const project = event.stream.slice(LANE_STREAM_PREFIX.length);
      this.lanes.observe(project, event);
      for (const task of this.queue.of(project)) this.look(task, AS_KNOWN);
    } else if (event.stream.startsWith(SWITCH_STREAM_PREFIX)) {
      this.keep(this.switches.take(event));
    } else {
      this.policies.observe(event);
    }
  }

  private async lookAtGround(): Promise<void> {
    if (this.ground.isFirmAgain()) await this.reconcile();
  }

  /** Looks at every open task again, but for those that rest where they rested before. */
  private async reconcile(): Promise<void> {
    await this.switches.makeGood();
    const { tasks } = await this.deps.index.open();
    const open = new Set(tasks.map(({ id }) => id));
    for (const id of this.resting.keys()) if (!open.has(id)) this.resting.delete(id);
    await this.looks.atAll(tasks.flatMap(({ id, revision }) => (this.resting.get(id) === revision ? [] : [id])));
  }

  private async lookAtBranches(key: string): Promise<void> {
    const project = this.deps.projects.get(key);
    if (project && !this.stopping.signal.aborted) await this.heads.pollOne(project);
  }

  private projectOf(id: TaskId): Project | null {
    const parsed = parseTaskId(id);
    return parsed && this.deps.projects.get(parsed.project);
  }

  private async every(periodMs: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await sleep(this.deps.clock, periodMs, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      await work().catch((error: unknown) => {
        this.deps.logger.warn('periodic work failed and will be repeated', { error: String(error) });
      });
    }
  }

  private keep(work: Promise<void>): void {
    this.background.add(work);
    void work.finally(() => this.background.delete(work));
  }
}
