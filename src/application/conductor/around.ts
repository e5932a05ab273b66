import type { Principal } from '../../domain/authority/principal';
import { instant } from '../../domain/instant';
import type { Surroundings } from '../../domain/task/task.commands';
import type { Task } from '../../domain/task/task.state';
import type { ContextOf } from '../execute-task';
import type { Clock } from '../ports/clock';
import type { Ids } from '../ports/ids';
import { switchSurroundings, type Project, type Projects } from '../projects';
import type { ClaimWatch } from './claim-watch';
import type { Lanes } from './lanes';
import type { PolicyRepository } from './policy-repository';

export interface AroundDeps {
  readonly projects: Projects;
  readonly lanes: Lanes;
  readonly watch: ClaimWatch;
  readonly policies: PolicyRepository;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a conductor knows beside a task's own stream when something is decided about the task. */
export class Around {
  constructor(private readonly deps: AroundDeps) {}

  contextOf(project: Project, principal: Principal): ContextOf {
    const { clock, ids } = this.deps;
    return async (task) => ({
      at: instant(clock.now()),
      policy: project.policy,
      policyDigest: project.policyDigest,
      surroundings: await this.surroundings(project, task),
      random: ids.random(),
      principal,
    });
  }

  async surroundings(project: Project, task: Task): Promise<Surroundings> {
    const { lanes, projects, watch, policies } = this.deps;
    const { project: key } = project.policy;
    const { grant, pause, damage } = await lanes.recall(project);
    return {
      lane: { holder: grant && { taskId: grant.taskId, epoch: grant.epoch }, nextInLine: null, pause, damage },
      ...switchSurroundings(projects, key),
      setAside: projects.setAside(key),
      watchedMs: watch.watchedMs(task),
      policyDamage: policies.damageOf(project) ?? projects.switchSettings(key).damage,
    };
  }
}
