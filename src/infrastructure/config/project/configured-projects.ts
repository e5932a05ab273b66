import { Projects, type Project } from '../../../application/projects';
import { forEverySwitch, type Switches } from '../../../domain/policy/switches';
import type { SetAside } from '../../../domain/task/task.commands';
import type { MechanismSwitch, ServiceConfig } from '../service-config';

/** A project, and the switches that its file sets. */
export interface ConfiguredProject {
  readonly project: Project;
  readonly switches?: { readonly [K in keyof Switches]?: boolean | undefined };
  /** What of it can never work as the file has it. */
  readonly fault?: SetAside | null;
}

/** The projects of one process, fixed at its start. */
export class ConfiguredProjects extends Projects {
  private readonly known: ReadonlyMap<string, ConfiguredProject>;

  /** @param environment the mechanisms as the environment sets them; default: all on. */
  constructor(
    projects: readonly ConfiguredProject[],
    private readonly environment: ServiceConfig['switches'] = ALL_ON,
  ) {
    super();
    this.known = new Map(projects.map((configured) => [configured.project.policy.project, configured]));
  }

  get(project: string): Project | null {
    return this.known.get(project)?.project ?? null;
  }

  all(): readonly Project[] {
    return [...this.known.values()].map(({ project }) => project);
  }

  fault(project: string): SetAside | null {
    return this.known.get(project)?.fault ?? null;
  }

  switches(project: string): Switches {
    const file = this.known.get(project)?.switches ?? {};
    return forEverySwitch((name) => file[name] ?? isOn(this.environment[name], project));
  }
}

const ALL_ON: ServiceConfig['switches'] = forEverySwitch(() => ({ enabled: true, projects: '*' }));

function isOn({ enabled, projects }: MechanismSwitch, project: string): boolean {
  return enabled && (projects === '*' || projects.includes(project));
}
