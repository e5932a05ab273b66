import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { GetDeterminization } from '../../projections/determinization/determinization.handlers';
import type { DeterminizationView } from '../../projections/determinization/get-determinization.query';
import { Within } from './caller';
import { Parameters } from './known-parameters';
import { Needs } from './stance';

@Controller('v1/determinization')
export class DeterminizationController {
  constructor(private readonly queries: QueryBus) {}

  /** How agents judge, what that takes, and what their suites say beside them. */
  @Get()
  @Needs('read')
  @Parameters('project')
  show(@Within() within: ProjectScope, @Query('project') project?: string): Promise<DeterminizationView> {
    return this.queries.execute(new GetDeterminization(within, project ?? null));
  }
}
