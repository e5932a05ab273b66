import type { Digest } from '../domain/ids';
import type { ProjectPolicy, Switches } from '../domain/policy/project-policy';
import type { RepositoryRef } from './ports/git-workspace';

/** A configured project: its policy, and what follows from it. */
export interface Project {
  readonly policy: ProjectPolicy;
  readonly policyDigest: Digest;
  readonly repository: RepositoryRef;
}

/** The projects this process knows, and the switches in force. Read anew for every decision. */
export abstract class Projects {
  abstract get(project: string): Project | null;
  abstract all(): readonly Project[];
  abstract switches(project: string): Switches;
}
