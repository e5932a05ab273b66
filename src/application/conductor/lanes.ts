import { instant } from '../../domain/instant';
import { laneNeed, type Job } from '../../domain/task/job';
import { wantsLane } from '../../domain/task/next-step';
import type { Surroundings } from '../../domain/task/task.commands';
import { isNewerGrant, type SubmittedTask } from '../../domain/task/task.state';
import type { Lane, LaneGrant } from '../../domain/lane/lane.decider';
import type { StoredEvent } from '../ports/event-store';
import type { Clock } from '../ports/clock';
import type { Project } from '../projects';
import type { TaskRepository } from '../task-repository';
import type { LaneRepository } from './lane-repository';

/** What tasks do with their project's lane: get it before a job that needs it, and let go when they no longer do. */
export class Lanes {
  constructor(private readonly deps: { keeper: LaneRepository; tasks: TaskRepository; clock: Clock }) {}

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
    const known = await this.recall(project);
    // A grant that is asked for is proved by its append. One that is there already may be over: the stream has to say.
    const { grant } = known.grant?.taskId === task.id ? await this.view(project) : known;
    if (grant && grant.taskId !== task.id) return false;
    if (grant && need === 'fresh' && !isNewerGrant(task, grant.epoch))
      await this.release(project, grant, 'its landing was interrupted');
    else if (grant) return true;
    const after = await this.deps.keeper.execute(project.policy.project, {
      type: 'GrantLane',
      data: { taskId: task.id, headOid: task.headOid ?? '' },
    });
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
    await this.release(project, grant, latest.kind === 'unknown' ? 'unknown task' : latest.stage);
  }

  isWanted(task: Parameters<typeof wantsLane>[0], project: Project, surroundings: Surroundings): boolean {
    return wantsLane(task, instant(this.deps.clock.now()), project.policy, surroundings);
  }

  /** Takes a grant back from a task that no longer uses it. */
  async reap(project: Project, grant: LaneGrant, reason: string): Promise<void> {
    const data = { epoch: grant.epoch, reason };
    await this.deps.keeper.execute(project.policy.project, { type: 'ReapLane', data });
  }

  private async release(project: Project, grant: LaneGrant, reason: string): Promise<void> {
    const data = { epoch: grant.epoch, reason };
    await this.deps.keeper.execute(project.policy.project, { type: 'ReleaseLane', data });
  }
}
