import { Controller, Get, Param } from '@nestjs/common';
import { Projects, type Project } from '../../application/projects';
import { knownProject } from '../../application/refusals';
import { withoutSecrets } from '../../application/secrets';
import type { SetAside } from '../../domain/task/task.commands';
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
  constructor(private readonly projects: Projects) {}

  /** Projects that are configured here. */
  @Get()
  @Needs('read')
  list(): ProjectsView {
    const items = this.projects.all().map((project) => this.view(project));
    return { items, nextCursor: null };
  }

  /** One project. */
  @Get(':project')
  @Needs('read')
  show(@Param('project') project: string): ProjectView {
    return this.view(knownProject(this.projects, project));
  }

  private view({ policy, policyDigest, repository }: Project): ProjectView {
    const { project, main, entryStages, requiredGates } = policy;
    const aside = this.projects.setAside(project);
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
}
