import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { Reading } from '../reading';
import { Views } from '../views';
import { getDeterminization, type DeterminizationView } from './get-determinization.query';

export class GetDeterminization extends Reading<DeterminizationView> {
  constructor(
    within: ProjectScope,
    readonly project: string | null,
  ) {
    super(within);
  }
}

@QueryHandler(GetDeterminization)
export class GetDeterminizationHandler implements IQueryHandler<GetDeterminization> {
  constructor(private readonly views: Views) {}

  execute({ within, project }: GetDeterminization): Promise<DeterminizationView> {
    return getDeterminization(this.views.within(within), project);
  }
}
