import type { Revision } from '../../domain/fact';
import type { TaskId } from '../../domain/ids';
import { jobKey, laneNeed, maxDurationMs, type Job } from '../../domain/task/job';
import { instant } from '../../domain/instant';
import type { JobKind } from '../../domain/task/job-row';
import { JOBS } from '../../domain/task/job-table';
import { lateClaim } from '../../domain/task/decide/late-result';
import { nextStep } from '../../domain/task/next-step';
import type { DecisionContext, OutcomeCommand, TaskCommand } from '../../domain/task/task.commands';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { Clock } from '../ports/clock';
import type { Ids } from '../ports/ids';
import type { Logger } from '../ports/logger';
import { UNWATCHED, type Telemetry } from '../ports/telemetry';
import type { WorkerHost } from '../ports/worker-host';
import type { Project, Projects } from '../projects';
import { sagaContext } from '../sagas/saga-context';
import type { Sagas } from '../sagas/sagas';
import { abortReason, abortRun, begun, type ActiveRun } from './active-run';
import { claimFor } from './claims';
import { HandOver } from './hand-over';
import { waiterOf } from './lane-queue';
import type { Lanes } from './lanes';
import { outcomeOfAborted, outcomeOfCrash, wordOfOutcome } from './outcomes';
import { Shadows } from './shadows';
import type { Slots } from './slots';

export interface RunsDeps {
  readonly executor: TaskExecutor;
  readonly sagas: Sagas;
  readonly lanes: Lanes;
  readonly projects: Projects;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly host: WorkerHost;
  readonly logger: Logger;
  readonly telemetry?: Telemetry;
  readonly contextOf: (project: Project) => ContextOf;
}

export interface RunsOptions {
  readonly slots: Slots;
  /** @param revision of the event to look for; without it the task as of now. */
  readonly look: (task: TaskId, revision?: Revision) => void;
  readonly lookLater: (task: TaskId) => void;
  /** False while this process must not take new work for the task. */
  readonly mayClaim: (task: SubmittedTask, project: Project) => boolean;
}

/** The jobs of this process: claims them, does them, hands their results over, and goes on with what follows. */
export class Runs {
  private readonly active = new Map<TaskId, ActiveRun>();
  private readonly finishing = new Set<Promise<void>>();
  private readonly handOvers: HandOver;
  private readonly shadows: Shadows;
  private stopping = false;

  constructor(
    private readonly deps: RunsDeps,
    private readonly options: RunsOptions,
  ) {
    this.handOvers = new HandOver(deps);
    this.shadows = new Shadows(deps);
  }

  /** True while a job of the task runs here. A job whose claim is no longer open is told to stop. */
  isBusy(task: SubmittedTask): boolean {
    this.shadows.see(task);
    const run = this.active.get(task.id);
    if (!run) return false;
    // A state from before the claim knows nothing about it.
    const isNewer = task.revision >= BigInt(run.claim.token);
    if (isNewer && task.claim?.token !== run.claim.token && !this.mayComeLate(task, run)) abortRun(run, 'claim-closed');
    return true;
  }

  /** With the lease switched off, who has lost a claim goes on: what comes of it is let through. */
  private mayComeLate(task: SubmittedTask, { claim }: ActiveRun): boolean {
    return lateClaim(task, claim.token, this.deps.projects.switches(task.project)) !== null;
  }

  /** Claims the job if a slot and the lane are to be had; otherwise the task is looked at again when they are. */
  async start(task: SubmittedTask, project: Project, job: Job): Promise<void> {
    if (this.stopping) return;
    if (!this.takeSlot(job, task)) {
      this.wake(job.kind);
      return;
    }
    let claimed: SubmittedTask | null = null;
    try {
      if (await this.deps.lanes.ensure(task, project, job)) claimed = await this.claim(task, project, job);
    } finally {
      if (!claimed) this.giveSlot(job);
    }
    if (claimed?.claim) this.follow(claimed, claimed.claim, project);
  }

  /** Ends what runs and gives the claims back. A landing is waited for: only git can tell how it went. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.handOvers.stop();
    for (const run of this.active.values()) {
      if (JOBS[run.claim.job.kind].isAbortable) abortRun(run, 'shutdown');
    }
    await Promise.all([this.shadows.stop(), ...this.finishing]);
  }

  private async claim(task: SubmittedTask, project: Project, job: Job): Promise<SubmittedTask | null> {
    const command = claimFor({ ...this.deps, worker: this.deps.host.self }, job, project);
    const done = await this.deps.executor.execute(task.id, command, this.deps.contextOf(project), {
      commandId: command.data.claimId,
    });
    if (done.kind === 'accepted') return done.task;
    // Most often somebody was faster, and the next look sees it. If not, the same claim is refused again: not at once.
    this.options.lookLater(task.id);
    return null;
  }

  private follow(task: SubmittedTask, claim: OpenClaim, project: Project): void {
    const run = begun(claim, this.deps.clock);
    this.active.set(task.id, run);
    const finished = this.work(task, run, project);
    this.finishing.add(finished);
    void finished.finally(() => this.finishing.delete(finished));
  }

  /** From claim to claim, until a hand-over leaves the task to whoever looks next. */
  private async work(task: SubmittedTask, run: ActiveRun, project: Project): Promise<void> {
    let current = task;
    let after: SubmittedTask | null;
    for (;;) {
      const { job } = run.claim;
      after = await this.doJob(current, run, project);
      this.giveSlot(job);
      const next = after && nextClaimOf(after, run);
      if (!after || !next) break;
      Object.assign(run, begun(next, this.deps.clock));
      current = after;
    }
    this.active.delete(task.id);
    this.options.look(task.id, after?.revision);
  }

  private doJob(task: SubmittedTask, run: ActiveRun, project: Project): Promise<SubmittedTask | null> {
    const { telemetry = UNWATCHED } = this.deps;
    const { job, runId } = run.claim;
    return telemetry.step('job', { job: jobKey(job), project: task.project, task: task.id, runId }, async (note) => {
      const outcome = await this.perform(task, run, project);
      note({ outcome: wordOfOutcome(outcome) });
      run.phase = 'handing-over';
      return this.handOver(task, run, project, outcome);
    });
  }

  private async perform(task: SubmittedTask, run: ActiveRun, project: Project): Promise<OutcomeCommand | null> {
    const { claim, controller } = run;
    const { clock, executor, sagas, contextOf, logger, projects } = this.deps;
    // A landing is never cut short: its git transaction either happens or not, and it has own limits.
    const limit = JOBS[claim.job.kind].isAbortable
      ? clock.after(maxDurationMs(claim.job, project.policy), () => {
          abortRun(run, 'deadline');
        })
      : null;
    try {
      const around = await contextOf(project)(task);
      const context = sagaContext({
        executor,
        contextOf: contextOf(project),
        task,
        claim,
        project,
        around,
        switches: () => projects.switches(project.policy.project),
        signal: controller.signal,
        beside: (heads) => {
          this.shadows.begin({ task, claim, project, heads });
        },
      });
      const outcome = await sagas.run(context);
      const told = abortReason(controller.signal);
      // What fails in a job that is being stopped fails because of that.
      const isStopped = told === 'shutdown' && outcome !== 'abandoned' && outcome.type === 'ReportInfraFailure';
      return outcome === 'abandoned' || isStopped ? outcomeOfAborted(claim, told) : outcome;
    } catch (error) {
      logger.error('a job broke', { task: task.id, job: claim.job.kind, error: String(error) });
      return outcomeOfCrash(claim, error);
    } finally {
      limit?.();
    }
  }

  /** @returns the task with the result, and with its next claim if that went into the same append. */
  private async handOver(
    task: SubmittedTask,
    run: ActiveRun,
    project: Project,
    outcome: OutcomeCommand | null,
  ): Promise<SubmittedTask | null> {
    if (!outcome) return null;
    const reserved: { job: Job | null } = { job: null };
    const after = await this.handOvers.deliver(task.id, outcome, run, project, (settled, context) =>
      this.nextClaim(settled, context, project, reserved),
    );
    if (reserved.job && !(after && nextClaimOf(after, run))) this.giveSlot(reserved.job);
    return after;
  }

  /** The next job of the task, if this process may do it right away; goes into the append of the outcome. */
  private nextClaim(
    task: SubmittedTask,
    context: DecisionContext,
    project: Project,
    reserved: { job: Job | null },
  ): TaskCommand | null {
    const step = nextStep(task, context.at, context.policy, context.surroundings);
    const job = step.kind === 'run' && !this.stopping && this.options.mayClaim(task, project) ? step.job : null;
    const need = job ? laneNeed(job) : 'none';
    const hasLane = need === 'none' || (need === 'held' && context.surroundings.lane.holder?.taskId === task.id);
    const wanted = job && hasLane ? job : null;
    if (reserved.job && reserved.job.kind !== wanted?.kind) {
      this.giveSlot(reserved.job);
      reserved.job = null;
    }
    if (!wanted) return null;
    if (!reserved.job && !this.takeSlot(wanted, task)) return null;
    reserved.job = wanted;
    return claimFor({ ...this.deps, worker: this.deps.host.self }, wanted, project);
  }

  /** The task needs no slot of this process, or cannot use one now: whoever stands behind it is not kept waiting. */
  leaveLine(task: TaskId): void {
    const kind = this.options.slots.leave(task);
    if (kind !== null) this.wake(kind);
  }

  private takeSlot(job: Job, task: SubmittedTask): boolean {
    return this.options.slots.take(job.kind, waiterOf(task), instant(this.deps.clock.now()));
  }

  private giveSlot({ kind }: Job): void {
    this.options.slots.give(kind);
    this.wake(kind);
  }

  private wake(kind: JobKind): void {
    for (const task of this.options.slots.next(kind, instant(this.deps.clock.now()))) this.options.look(task);
  }
}

/** The claim that went into the append of the run's result. */
function nextClaimOf({ claim }: SubmittedTask, run: ActiveRun): OpenClaim | null {
  return claim?.claimId === run.claim.claimId ? null : claim;
}
