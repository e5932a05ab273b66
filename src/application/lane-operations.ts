import type { Principal } from '../domain/authority/principal';
import { damageText } from '../domain/damage';
import { A_REASON, isReason } from '../domain/task/texts';
import type { LaneRepository } from './conductor/lane-repository';
import type { Projects } from './projects';
import { projectAsked, RequestRefused, unfit } from './refusals';

export interface ResumeRequest {
  readonly project: string;
  readonly reason: string;
}

export interface ResumeAnswer {
  readonly project: string;
  /** False when the lane was not paused. */
  readonly isChanged: boolean;
}

/** What people ask of lanes, whichever door they come through. */
export class LaneOperations {
  constructor(private readonly deps: { readonly lanes: LaneRepository; readonly projects: Projects }) {}

  async resume({ project: key, reason }: ResumeRequest, principal: Principal): Promise<ResumeAnswer> {
    const { lanes, projects } = this.deps;
    const { project } = projectAsked(projects, key, 'ResumeLane', principal).policy;
    if (!isReason(reason)) throw unfit('invalid-reason', 'reason', A_REASON, reason);
    const { pause, damage } = await lanes.view(project);
    if (damage) throw new RequestRefused('conflict', 'store-corrupt', `${project}: ${damageText(damage)}`);
    if (!pause) return { project, isChanged: false };
    const after = await lanes.execute(project, {
      type: 'ResumeLane',
      data: { how: 'person', by: principal.name, reason },
    });
    if (after.pause)
      throw new RequestRefused('conflict', 'contended', `${project}: its lane moved meanwhile; ask again`);
    return { project, isChanged: true };
  }
}
