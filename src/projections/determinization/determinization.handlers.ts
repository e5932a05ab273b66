import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Projects } from '../../application/projects';
import { ReadModels } from '../read-models';
import { getDeterminization, type DeterminizationView } from './get-determinization.query';

export class GetDeterminization extends Query<DeterminizationView> {
  constructor(readonly project: string | null) {
    super();
  }
}

@QueryHandler(GetDeterminization)
export class GetDeterminizationHandler implements IQueryHandler<GetDeterminization> {
  constructor(
    private readonly models: ReadModels,
    private readonly projects: Projects,
  ) {}

  execute({ project }: GetDeterminization): Promise<DeterminizationView> {
    const { models, projects } = this;
    return getDeterminization({ models, projects }, project);
  }
}
