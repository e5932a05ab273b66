import { instant } from '../../domain/instant';
import { laneNeed, type Job } from '../../domain/task/job';
import { wantsLane } from '../../domain/task/next-step';
import type { Surroundings } from '../../domain/task/task.commands';
import { SERVICE } from '../../domain/authority/principal';
import { isNewerGrant, type SubmittedTask, type Task } from '../../domain/task/task.state';
import type { LaneOutcome } from '../../domain/lane/lane.events';
import type { Lane, LaneCommand, LaneGrant } from '../../domain/lane/lane.decider';
import { DEFAULT_BREAKER, type BreakerPolicy } from '../../domain/policy/project-policy';
import type { StoredEvent } from '../ports/event-store';
import type { Clock } from '../ports/clock';
import type { Project, Projects } from '../projects';
import type { TaskRepository } from '../task-repository';
import type { LaneRepository } from './lane-repository';

/** What tasks do with their project's lane: get it before a job that needs it, and let go when they no longer do. */
export class Lanes {
  constructor(
    private readonly deps: { keeper: LaneRepository; tasks: TaskRepository; clock: Clock; projects: Projects },
  ) {}

  view(project: Project): Promise<Lane> {
    return this.deps.keeper.view(project.policy.project);
  }

  /** The lane as the subscription has told of it: to find out what to try, not to rely on. */
  recall(project: Project): Promise<Lane> {
    return this.deps.keeper.recall(project.policy.project);
  }

  observe(project: string, stored: StoredEvent): void {
    this.deps.keeper.observe(project, stored);
  }

  /** @returns true when the task holds the lane in the way the job needs it. */
  async ensure(task: SubmittedTask, project: Project, job: Job): Promise<boolean> {
    const need = laneNeed(job);
    if (need === 'none') return true;
    await this.resumeIfSwitchedOff(project);
    const known = await this.recall(project);
    // A grant that is asked for is proved by its append. One that is there already may be over: the stream has to say.
    const { grant } = known.grant?.taskId === task.id ? await this.view(project) : known;
    if (grant && grant.taskId !== task.id) return false;
    if (grant && need === 'fresh' && !isNewerGrant(task, grant.epoch))
      await this.release(project, grant, 'its landing was interrupted', null);
    else if (grant) return true;
    const asked = { taskId: task.id, headOid: task.headOid ?? '' };
    const data = need === 'fresh' ? { ...asked, recovers: true } : asked;
    const after = await this.execute(project, { type: 'GrantLane', data });
    return after.grant?.taskId === task.id;
  }

  /** Lets go of the lane when the task's own stream has no more use for it. */
  async releaseUnwanted(task: SubmittedTask, project: Project, surroundings: Surroundings): Promise<void> {
    const { holder } = surroundings.lane;
    if (holder?.taskId !== task.id || this.isWanted(task, project, surroundings)) return;
    const { grant } = await this.recall(project);
    if (grant?.taskId !== task.id) return;
    // The state may be older than the grant; one that is read after it is not.
    const { state: latest } = await this.deps.tasks.load(task.id);
    if (this.isWanted(latest, project, surroundings)) return;
    await this.release(project, grant, latest.kind === 'unknown' ? 'unknown task' : latest.stage, latest);
  }

  isWanted(task: Parameters<typeof wantsLane>[0], project: Project, surroundings: Surroundings): boolean {
    return wantsLane(task, instant(this.deps.clock.now()), project.policy, surroundings);
  }

  /** Takes a grant back from a task that no longer uses it. */
  async reap(project: Project, grant: LaneGrant, reason: string, task: Task | null): Promise<void> {
    const data = { epoch: grant.epoch, reason, outcome: outcomeUnder(grant, task) };
    await this.execute(project, { type: 'ReapLane', data });
  }

  private async release(project: Project, grant: LaneGrant, reason: string, task: Task | null): Promise<void> {
    const data = { epoch: grant.epoch, reason, outcome: outcomeUnder(grant, task) };
    await this.execute(project, { type: 'ReleaseLane', data });
  }

  /** A breaker that is switched off must not go on keeping tasks from the lane. */
  private async resumeIfSwitchedOff(project: Project): Promise<void> {
    const { pause } = await this.recall(project);
    if (!pause || this.breakerOf(project)) return;
    const data = { how: 'switched-off', by: SERVICE.name, reason: 'laneBreaker is switched off' } as const;
    await this.execute(project, { type: 'ResumeLane', data });
  }

  private execute(project: Project, command: LaneCommand): Promise<Lane> {
    return this.deps.keeper.execute(project.policy.project, command, this.breakerOf(project));
  }

  private breakerOf({ policy }: Project): BreakerPolicy | null {
    return this.deps.projects.switches(policy.project).laneBreaker ? (policy.breaker ?? DEFAULT_BREAKER) : null;
  }
}

/** What the task's last run under this very grant came to. */
function outcomeUnder({ epoch }: LaneGrant, task: Task | null): LaneOutcome | null {
  return task?.kind === 'submitted' && task.laneRun?.epoch === epoch ? task.laneRun.outcome : null;
}
