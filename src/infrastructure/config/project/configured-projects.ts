import { Projects, type Project } from '../../../application/projects';
import { forEverySwitch, type Switches } from '../../../domain/policy/switches';
import type { ConfiguredSwitches } from '../../../domain/policy/switches-in-force';
import type { SetAside } from '../../../domain/task/task.commands';
import type { HookSettings } from './hook-settings';
import type { MechanismSwitch, ServiceConfig } from '../service-config';

/** A project, and the switches that its file sets. */
export interface ConfiguredProject {
  readonly project: Project;
  readonly switches?: { readonly [K in keyof Switches]?: boolean | undefined };
  readonly hooks?: HookSettings;
  /** What of it can never work as the file has it. */
  readonly fault?: SetAside | null;
}

/** The projects of one process, fixed at its start. */
export class ConfiguredProjects extends Projects {
  private readonly known: ReadonlyMap<string, ConfiguredProject>;

  /** @param environment the mechanisms as the environment sets them; default: it says nothing. */
  constructor(
    projects: readonly ConfiguredProject[],
    private readonly environment: ServiceConfig['switches'] = NOTHING_SAID,
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

  /** Where the secrets of those are who may send webhooks about it; nobody may about a project that is not known. */
  hooks(project: string): HookSettings {
    return this.known.get(project)?.hooks ?? {};
  }

  protected configuredSwitches(project: string): ConfiguredSwitches {
    const file = this.known.get(project)?.switches ?? {};
    return forEverySwitch((name) => ({ file: file[name], environment: isOn(this.environment[name], project) }));
  }
}

const NOTHING_SAID: ServiceConfig['switches'] = forEverySwitch(() => ({
  enabled: true,
  projects: '*',
}));

function isOn({ enabled, projects }: MechanismSwitch, project: string): boolean | undefined {
  // On for everybody is what is built in.
  if (enabled && projects === '*') return undefined;
  return enabled && (projects === '*' || projects.includes(project));
}
