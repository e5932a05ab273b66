import { Projects, type Project } from '../../src/application/projects';

/** The projects that are given, as far as a test says what they are. */
export class ListedProjects extends Projects {
  constructor(private readonly projects: readonly object[]) {
    super();
  }

  get(project: string): Project | null {
    return this.all().find(({ policy }) => policy.project === project) ?? null;
  }

  all(): readonly Project[] {
    return this.projects as readonly Project[];
  }

  fault(): null {
    return null;
  }

  protected configuredSwitches(): never {
    throw new Error('no switches are given');
  }
}
