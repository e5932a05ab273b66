import { isWithin, type ProjectScope } from '../domain/authority/principal';
import type { Digest } from '../domain/ids';
import type { ProjectPolicy } from '../domain/policy/project-policy';
import type { Switches } from '../domain/policy/switches';
import { NOTHING_SET, type SwitchSettings } from '../domain/policy/switches.decider';
import {
  onOrOff,
  switchesInForce,
  type ConfiguredSwitches,
  type SwitchesInForce,
} from '../domain/policy/switches-in-force';
import type { SetAside, Surroundings } from '../domain/task/task.commands';
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
  /** By project: branches of open tasks that its repository does not have. */
  private readonly gone = new Map<string, ReadonlySet<string>>();
  private readonly settings = new Map<string, SwitchSettings>();

  abstract get(project: string): Project | null;
  abstract all(): readonly Project[];
  /** What of the project's own configuration can never work: only another configuration helps. Null when nothing is known. */
  abstract fault(project: string): SetAside | null;

  /** What project file and environment say of its switches, as this process was started with them. */
  protected abstract configuredSwitches(project: string): ConfiguredSwitches;

  /** The same to somebody who sees some of them: the others are not there. What becomes known of one is known to both. */
  within(scope: ProjectScope): Projects {
    if (scope === '*') return this;
    const seen = Object.create(this) as Projects;
    seen.get = (project) => (isWithin(scope, project) ? this.get(project) : null);
    seen.all = () => this.all().filter(({ policy }) => isWithin(scope, policy.project));
    return seen;
  }

  switches(project: string): Switches {
    return onOrOff(this.switchesInForce(project));
  }

  /** @param settings of the log; left out: those that this process has come to know. */
  switchesInForce(project: string, settings = this.switchSettings(project)): SwitchesInForce {
    return switchesInForce(settings, this.configuredSwitches(project));
  }

  switchSettings(project: string): SwitchSettings {
    return this.settings.get(project) ?? NOTHING_SET;
  }

  /** @returns whether that is news: what was known before is not taken back. */
  noteSwitches(project: string, settings: SwitchSettings): boolean {
    const known = this.switchSettings(project);
    const isNews = revisionOf(settings) > revisionOf(known) || (settings.damage !== null && known.damage === null);
    if (isNews) this.settings.set(project, settings);
    return isNews;
  }

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

  /** What a look at the branches of open tasks has found: those that are not there. */
  noteGone(project: string, branches: ReadonlySet<string>): void {
    this.gone.set(project, branches);
  }

  /** Whether the last look at the repository, if this process takes any, has not found the branch. */
  isBranchGone(project: string, branch: string): boolean {
    return this.gone.get(project)?.has(branch) === true;
  }

  /** @returns whether it was set aside. */
  takeBack(project: string): boolean {
    return this.aside.delete(project);
  }
}

/** The switches as a decision sees them: which are on, and as of which event of the log. */
export function switchSurroundings(
  projects: Projects,
  project: string,
): Pick<Surroundings, 'switches' | 'switchRevision'> {
  return { switches: projects.switches(project), switchRevision: projects.switchSettings(project).revision };
}

function revisionOf({ revision }: SwitchSettings): bigint {
  return revision === null ? -1n : BigInt(revision);
}
