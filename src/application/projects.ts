import type { Digest } from '../domain/ids';
import type { ProjectPolicy } from '../domain/policy/project-policy';
import type { Switches } from '../domain/policy/switches';
import type { SetAside } from '../domain/task/task.commands';
import type { RepositoryRef } from './ports/git-workspace';

/** A configured project: its policy, and what follows from it. */
export interface Project {
  readonly policy: ProjectPolicy;
  readonly policyDigest: Digest;
  readonly repository: RepositoryRef;
}

/** The projects this process knows, the switches in force, and what is set aside. Read anew for every decision. */
export abstract class Projects {
  private readonly aside = new Map<string, SetAside>();

  abstract get(project: string): Project | null;
  abstract all(): readonly Project[];
  abstract switches(project: string): Switches;
  /** What of the project's own configuration can never work: only another configuration helps. Null when nothing is known. */
  abstract fault(project: string): SetAside | null;

  /** Why nothing of the project is done here; null when it is worked for. */
  setAside(project: string): SetAside | null {
    return this.fault(project) ?? this.aside.get(project) ?? null;
  }

  /** @returns whether that is news. */
  putAside(project: string, why: SetAside): boolean {
    const isNews = this.aside.get(project)?.cause !== why.cause;
    if (isNews) this.aside.set(project, why);
    return isNews;
  }

  /** @returns whether it was set aside. */
  takeBack(project: string): boolean {
    return this.aside.delete(project);
  }
}
