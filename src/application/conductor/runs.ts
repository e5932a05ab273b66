import type { Revision } from '../../domain/fact';
import type { TaskId } from '../../domain/ids';
import { epochMs } from '../../domain/instant';
import { laneNeed, maxDurationMs, type Job } from '../../domain/task/job';
import { nextStep } from '../../domain/task/next-step';
import type { DecisionContext, OutcomeCommand, TaskCommand } from '../../domain/task/task.commands';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import { OWNER_ATTEMPTS, type ContextOf, type Executed, type TaskExecutor } from '../execute-task';
import { InfrastructureError } from '../ports/infrastructure-error';
import type { Clock } from '../ports/clock';
import type { Ids } from '../ports/ids';
import type { Log } from '../ports/log';
import type { WorkerHost } from '../ports/worker-host';
import type { Project } from '../projects';
import { sagaContext } from '../sagas/saga-context';
import type { Sagas } from '../sagas/sagas';
import { sleep } from '../sleep';
import { abortReason, abortRun, type ActiveRun } from './active-run';
import { claimFor } from './claims';
import type { Lanes } from './lanes';
import { outcomeOfAborted, outcomeOfCrash } from './outcomes';
import type { Slots } from './slots';

export interface RunsDeps {
  readonly executor: TaskExecutor;
  readonly sagas: Sagas;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly host: WorkerHost;
  readonly out: Log;
  readonly contextOf: (project: Project) => ContextOf;
}

export interface RunsOptions {
  readonly slots: Slots;
  /** @param revision of the event to look for; without it the task as of now. */
  readonly look: (task: TaskId, revision?: Revision) => void;
  /** False while this process must not take new work for the task. */
  readonly mayClaim: (task: SubmittedTask, project: Project) => boolean;
}

/** Between two attempts to hand a result to a store that does not answer. */
const HAND_OVER_AGAIN_MS = 1_000;

/** The jobs of this process: claims them, does them, hands their results over, and goes on with what follows. */
export class Runs {
  private readonly active = new Map<TaskId, ActiveRun>();
  private readonly finishing = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    private readonly deps: RunsDeps,
    private readonly options: RunsOptions,
  ) {}

  /** True while a job of the task runs here. A job whose claim is no longer open is told to stop. */
  isBusy(task: SubmittedTask): boolean {
    const run = this.active.get(task.id);
    if (!run) return false;
    // A state from before the claim knows nothing about it.
    const isNewer = task.revision >= BigInt(run.claim.token);
    if (isNewer && task.claim?.token !== run.claim.token) abortRun(run, 'claim-closed');
    return true;
  }

  /** Claims the job if a slot and the lane are to be had; otherwise the task is looked at again when they are. */
  async start(task: SubmittedTask, project: Project, job: Job): Promise<void> {
    const { slots } = this.options;
    if (this.stopping || !slots.take(job.kind, task.id)) return;
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
    for (const run of this.active.values()) {
      if (laneNeed(run.claim.job) === 'none' || run.claim.job.kind === 'merge-gate') abortRun(run, 'shutdown');
    }
    await Promise.all(this.finishing);
  }

  private async claim(task: SubmittedTask, project: Project, job: Job): Promise<SubmittedTask | null> {
    const command = claimFor({ ...this.deps, worker: this.deps.host.self }, job, project);
    const done = await this.deps.executor.execute(task.id, command, this.deps.contextOf(project), {
      commandId: command.data.claimId,
    });
    if (done.kind === 'accepted') return done.task;
    this.options.look(task.id);
    return null;
  }

  private follow(task: SubmittedTask, claim: OpenClaim, project: Project): void {
    const run: ActiveRun = { claim, phase: 'running', controller: new AbortController() };
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
      const outcome = await this.perform(current, run, project);
      run.phase = 'handing-over';
      after = await this.handOver(current, run, project, outcome);
      this.giveSlot(job);
      const next = after && nextClaimOf(after, run);
      if (!after || !next) break;
      Object.assign(run, { claim: next, phase: 'running', controller: new AbortController() });
      current = after;
    }
    this.active.delete(task.id);
    this.options.look(task.id, after?.revision);
  }

  private async perform(task: SubmittedTask, run: ActiveRun, project: Project): Promise<OutcomeCommand | null> {
    const { claim, controller } = run;
    const { clock, executor, sagas, contextOf, out } = this.deps;
    // A landing is never cut short: its git transaction either happens or not, and it has own limits.
    const isLanding = laneNeed(claim.job) !== 'none' && claim.job.kind !== 'merge-gate';
    const limit = isLanding
      ? null
      : clock.after(maxDurationMs(claim.job, project.policy), () => {
          abortRun(run, 'deadline');
        });
    try {
      const around = await contextOf(project)(task);
      const context = sagaContext({
        executor,
        contextOf: contextOf(project),
        task,
        claim,
        project,
        around,
        signal: controller.signal,
      });
      const outcome = await sagas.run(context);
      return outcome === 'abandoned' ? outcomeOfAborted(claim, abortReason(controller.signal)) : outcome;
    } catch (error) {
      out.error('a job broke', { task: task.id, job: claim.job.kind, error: String(error) });
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
    const done = await this.execute(task.id, outcome, run, project, (after, context) =>
      this.nextClaim(after, context, project, reserved),
    );
    const after = done?.kind === 'accepted' ? done.task : null;
    if (reserved.job && !(after && nextClaimOf(after, run))) this.giveSlot(reserved.job);
    if (done?.kind === 'rejected' && done.reason === 'stale-claim') await this.refuse(task.id, run, project, outcome);
    else if (done?.kind === 'rejected') await this.giveUp(task.id, run, project, `${outcome.type}: ${done.detail}`);
    return after;
  }

  /**
   * The decider refused a result of the open claim: a fault of ours, which doing the job again would only repeat. The task
   * is held for a person.
   */
  private async giveUp(id: TaskId, run: ActiveRun, project: Project, detail: string): Promise<void> {
    const { token } = run.claim;
    this.deps.out.error('a result was refused', { task: id, claim: token, detail });
    const command = {
      type: 'ReportUnclassified',
      data: { claim: token, detail: `a result was refused, ${detail}` },
    } as const;
    await this.execute(id, command, run, project, () => null);
  }

  /** Tries until the store answers or the claim's time is over; the same command id makes that one command. */
  private async execute(
    id: TaskId,
    outcome: OutcomeCommand,
    run: ActiveRun,
    project: Project,
    then: (task: SubmittedTask, context: DecisionContext) => TaskCommand | null,
  ): Promise<Executed | null> {
    const { executor, clock, contextOf, out } = this.deps;
    const giveUpAt = clock.monotonic() + Math.max(0, epochMs(run.claim.deadlineAt) - clock.now());
    let isUncertain = false;
    for (;;) {
      try {
        const options = { commandId: `${run.claim.claimId}:outcome`, attempts: OWNER_ATTEMPTS, then };
        const done = await executor.execute(id, outcome, contextOf(project), options);
        // An earlier try may have been stored: then it was us who closed the claim, and nothing is to be refused.
        return isUncertain && done.kind === 'rejected' ? null : done;
      } catch (error) {
        if (!(error instanceof InfrastructureError) || clock.monotonic() > giveUpAt) {
          out.error('a result could not be handed over', { task: id, claim: run.claim.token, error: String(error) });
          return null;
        }
        isUncertain = true;
        await sleep(clock, HAND_OVER_AGAIN_MS);
      }
    }
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
    if (!reserved.job && !this.options.slots.take(wanted.kind, task.id)) return null;
    reserved.job = wanted;
    return claimFor({ ...this.deps, worker: this.deps.host.self }, wanted, project);
  }

  /** The claim was taken away meanwhile. What we found out changes nothing; that we came late is worth knowing. */
  private async refuse(id: TaskId, run: ActiveRun, project: Project, outcome: OutcomeCommand): Promise<void> {
    if (outcome.type === 'ReleaseClaim') return;
    const { token, runId, worker, claimId } = run.claim;
    const data = { claim: token, runId, worker, refused: outcome.type };
    try {
      await this.deps.executor.execute(id, { type: 'RefuseStaleResult', data }, this.deps.contextOf(project), {
        commandId: `${claimId}:refused`,
      });
    } catch (error) {
      // An annotation only: the refusal itself already happened, so a store that does not answer costs a log line.
      this.deps.out.warn('a stale result could not be noted', { task: id, claim: token, error: String(error) });
    }
  }

  private giveSlot(job: Job): void {
    for (const task of this.options.slots.give(job.kind)) this.options.look(task);
  }
}

/** The claim that went into the append of the run's result. */
function nextClaimOf({ claim }: SubmittedTask, run: ActiveRun): OpenClaim | null {
  return claim?.claimId === run.claim.claimId ? null : claim;
}
