import { Controller, Get, Param } from '@nestjs/common';
import type { ProjectScope } from '../../domain/authority/principal';
import type { Project, Projects } from '../../application/projects';
import { knownProject } from '../../application/refusals';
import { Views } from '../../projections/views';
import { withoutSecrets } from '../../application/secrets';
import type { SetAside } from '../../domain/task/task.commands';
import { Within } from './caller';
import { Needs } from './stance';

interface ProjectView {
  readonly project: string;
  /** Path of the repository. */
  readonly repository: string;
  /** Branch that everything lands on. */
  readonly main: string;
  /** Stages at which tasks may begin. */
  readonly entryStages: readonly string[];
  /** Gates that hold a task where nothing is configured for them. */
  readonly requiredGates: readonly string[];
  /** Digest of the policy that is in force here. */
  readonly policyDigest: string;
  /** Why nothing of it is done here at the moment; null when it is worked for. */
  readonly setAside: SetAside | null;
}

interface ProjectsView {
  readonly items: readonly ProjectView[];
  /** Always null: there are as many as the project file has. */
  readonly nextCursor: null;
}

@Controller('v1/projects')
export class ProjectsController {
  constructor(private readonly views: Views) {}

  /** Projects that are configured here. */
  @Get()
  @Needs('read')
  list(@Within() within: ProjectScope): ProjectsView {
    const { projects } = this.views.within(within);
    const items = projects.all().map((project) => viewOf(projects, project));
    return { items, nextCursor: null };
  }

  /** One project. */
  @Get(':project')
  @Needs('read')
  show(@Within() within: ProjectScope, @Param('project') project: string): ProjectView {
    const { projects } = this.views.within(within);
    return viewOf(projects, knownProject(projects, project));
  }
}

function viewOf(projects: Projects, { policy, policyDigest, repository }: Project): ProjectView {
  const { project, main, entryStages, requiredGates } = policy;
  const aside = projects.setAside(project);
  const setAside = aside && { ...aside, cause: withoutSecrets(aside.cause) };
  return {
    project,
    repository: withoutSecrets(repository.path),
    main,
    entryStages,
    requiredGates,
    policyDigest,
    setAside,
  };
}
