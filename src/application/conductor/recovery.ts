import { parseTaskId, type TaskId } from '../../domain/ids';
import { instant, plusMs, type Instant } from '../../domain/instant';
import { isGrantOverdue, type LaneGrant } from '../../domain/lane/lane.decider';
import type { Surroundings, TaskCommandData } from '../../domain/task/task.commands';
import { isOverdue, type OpenClaim, type SubmittedTask } from '../../domain/task/task.state';
import type { ContextOf, TaskExecutor } from '../execute-task';
import type { Clock } from '../ports/clock';
import type { GitWorkspace } from '../ports/git-workspace';
import type { Logger } from '../ports/logger';
import type { ProcessRunner } from '../ports/process-runner';
import type { WorkerHost } from '../ports/worker-host';
import type { Project, Projects } from '../projects';
import type { TaskRepository } from '../task-repository';
import type { ClaimWatch } from './claim-watch';
import type { Lanes } from './lanes';

/** How often a task that waits for the lane looks whether its holder is still alive: a killed process tells nobody. */
export const HOLDER_CHECK_MS = 2_000;

export interface RecoveryDeps {
  readonly executor: TaskExecutor;
  readonly tasks: TaskRepository;
  readonly lanes: Lanes;
  readonly watch: ClaimWatch;
  readonly projects: Projects;
  readonly git: GitWorkspace;
  readonly runner: ProcessRunner;
  readonly host: WorkerHost;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly contextOf: (project: Project) => ContextOf;
}

/** Takes back what dead workers left: their processes first, then their claims, then the lane. */
export class Recovery {
  /** By project: the grant that was last seen without a claim, and since when (monotonic). */
  private readonly grants = new Map<string, { readonly epoch: string; readonly since: number }>();

  constructor(private readonly deps: RecoveryDeps) {}

  /**
   * At start, before anything is claimed: no process of a dead worker of this host stays, no claim of it stays open.
   *
   * @param tasks those that are claimed; one that has been claimed since is looked at when that event comes.
   */
  async cleanUp(tasks: readonly TaskId[], conducts: (task: TaskId) => boolean): Promise<void> {
    await this.endRunsOfTheDead();
    for (const id of tasks) {
      const parsed = parseTaskId(id);
      const project = parsed && this.deps.projects.get(parsed.project);
      if (!project) continue;
      const { state: task } = await this.deps.tasks.load(id);
      if (task.kind === 'unknown' || !task.claim || !this.deps.host.isProvablyDead(task.claim.worker)) continue;
      await this.reap(task, task.claim, project, 'owner-dead');
      if (!conducts(id)) await this.freeLaneOf(id, project);
    }
  }

  /** @returns true when the task's claim was nobody's and has been dealt with. */
  async takeBack(task: SubmittedTask, project: Project): Promise<boolean> {
    const { claim } = task;
    const { host, executor, contextOf } = this.deps;
    if (!claim) return false;
    if (claim.worker === host.self) {
      // Ours, and nobody here is working on it: its append was stored although we never learned so.
      const data = { claim: claim.token, reason: 'its worker lost track of it' };
      await executor.execute(task.id, { type: 'ReleaseClaim', data }, contextOf(project), {
        commandId: `release:${claim.claimId}`,
      });
      return true;
    }
    if (!host.isProvablyDead(claim.worker)) return false;
    await this.endRunsOfTheDead();
    await this.reap(task, claim, project, 'owner-dead');
    return true;
  }

  /**
   * Looks after the holder of a lane that others wait for.
   *
   * @returns when to look again; null when the lane is free.
   */
  async checkLaneHolder(
    project: Project,
    surroundings: Surroundings,
    conducts: (task: TaskId) => boolean,
  ): Promise<Instant | null> {
    const { grant } = await this.deps.lanes.view(project);
    if (!grant) return null;
    const now = instant(this.deps.clock.now());
    const again = plusMs(now, HOLDER_CHECK_MS);
    const { state: task } = await this.deps.tasks.load(grant.taskId);
    const claim = task.kind === 'submitted' ? task.claim : null;
    if (task.kind === 'submitted' && claim) await this.reapIfAbandoned(task, claim, project, conducts);
    else await this.reapLaneIfUnused(grant, project, surroundings, now);
    return again;
  }

  private async reapIfAbandoned(
    task: SubmittedTask,
    claim: OpenClaim,
    project: Project,
    conducts: (task: TaskId) => boolean,
  ): Promise<void> {
    const isDead = this.deps.host.isProvablyDead(claim.worker);
    this.deps.watch.see(task);
    const watchedMs = this.deps.watch.watchedMs(task);
    if (!isDead && !isOverdue(claim, instant(this.deps.clock.now()), { watchedMs })) return;
    if (isDead) await this.endRunsOfTheDead();
    await this.reap(task, claim, project, isDead ? 'owner-dead' : 'deadline');
    if (!conducts(task.id)) await this.freeLaneOf(task.id, project);
  }

  private async reapLaneIfUnused(
    grant: LaneGrant,
    project: Project,
    surroundings: Surroundings,
    now: Instant,
  ): Promise<void> {
    const { state: task } = await this.deps.tasks.load(grant.taskId);
    const isWanted = this.deps.lanes.isWanted(task, project, surroundings);
    if (isWanted && !isGrantOverdue(grant, now, this.watchedMs(project, grant))) return;
    const reason = isWanted ? 'no claim followed the grant' : 'its holder has no use for it';
    await this.deps.lanes.reap(project, grant, reason, task);
  }

  /** For how long this process has known of the grant: its own time is of a clock that may have been set back since. */
  private watchedMs(project: Project, { epoch }: LaneGrant): number {
    const name = project.policy.project;
    const now = this.deps.clock.monotonic();
    const known = this.grants.get(name);
    if (known?.epoch === epoch) return now - known.since;
    this.grants.set(name, { epoch, since: now });
    return 0;
  }

  private async freeLaneOf(task: TaskId, project: Project): Promise<void> {
    const { grant } = await this.deps.lanes.view(project);
    if (grant?.taskId === task) await this.deps.lanes.reap(project, grant, 'its worker died', null);
  }

  private async reap(
    task: SubmittedTask,
    claim: OpenClaim,
    project: Project,
    reason: TaskCommandData['ReapTransition']['reason'],
  ): Promise<void> {
    const { executor, contextOf, logger } = this.deps;
    logger.warn('taking back an abandoned claim', { task: task.id, claim: claim.token, worker: claim.worker, reason });
    const command = { type: 'ReapTransition', data: { claim: claim.token, reason } } as const;
    await executor.execute(task.id, command, contextOf(project), {
      commandId: (latest) => `${task.id}@${latest.revision}:reap:${claim.token}`,
    });
  }

  private async endRunsOfTheDead(): Promise<void> {
    const { runner, host, git, logger } = this.deps;
    const isDead = (worker: string) => host.isProvablyDead(worker);
    for (const run of await runner.recover(isDead)) {
      logger.info('ended what a dead worker had left running', {
        runId: run.runId,
        killed: run.killed,
        skipped: run.skipped,
      });
    }
    // Whole work trees may have to go: nobody waits for that.
    git.removeLeftovers(isDead).catch((error: unknown) => {
      logger.warn('what dead workers left could not be removed', { error: String(error) });
    });
  }
}
