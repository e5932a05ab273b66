import type { Principal, ProjectScope } from '../domain/authority/principal';
import { SWITCH_NAMES, type SwitchName } from '../domain/policy/switches';
import { A_REASON, isReason } from '../domain/task/texts';
import { knownProject, projectAsked, RequestRefused, unfit } from './refusals';
import type { Projects } from './projects';
import type { SwitchOutcome, SwitchRepository } from './switch-repository';
import {
  SWITCH_STATES,
  type SwitchAnswer,
  type SwitchRequest,
  type SwitchesView,
  type SwitchView,
} from './switch-requests';

export interface SwitchOperationsDeps {
  readonly switches: SwitchRepository;
  readonly projects: Projects;
}

/** What people ask of switches, whichever door they come through. */
export class SwitchOperations {
  constructor(private readonly deps: SwitchOperationsDeps) {}

  /** @param project null for all that whoever asks may see. */
  async list(project: string | null, within: ProjectScope): Promise<SwitchesView> {
    const { switches } = this.deps;
    const projects = this.deps.projects.within(within);
    const asked = project === null ? projects.all() : [knownProject(projects, project)];
    const keys = asked.map(({ policy }) => policy.project).sort();
    for (const key of keys) await switches.read(key);
    return { items: keys.flatMap((key) => SWITCH_NAMES.map((name) => this.view(key, name))), nextCursor: null };
  }

  async set(request: SwitchRequest, principal: Principal): Promise<SwitchAnswer> {
    const { projects, switches } = this.deps;
    const { reason, state } = request;
    const { project } = projectAsked(projects, request.project, 'SetSwitch', principal).policy;
    if (!isReason(reason)) throw unfit('invalid-reason', 'reason', A_REASON, reason);
    const done = await switches.set(project, {
      switch: request.switch,
      enabled: SWITCH_STATES[state],
      by: principal.name,
      reason,
    });
    if (done.kind === 'rejected') throw refused(request, done);
    return { ...this.view(project, request.switch as SwitchName), isChanged: done.kind === 'set' };
  }

  private view(project: string, name: SwitchName): SwitchView {
    return { project, switch: name, ...this.deps.projects.switchesInForce(project)[name] };
  }
}

function refused(
  { project }: SwitchRequest,
  { reason, detail }: Extract<SwitchOutcome, { kind: 'rejected' }>,
): RequestRefused {
  if (reason === 'unknown-switch') return new RequestRefused('unknown', 'unknown-switch', `switch: ${detail}`);
  return new RequestRefused('conflict', reason, `${project}: ${detail}`);
}
