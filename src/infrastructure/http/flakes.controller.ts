import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FlakesView } from '../../projections/queue/list-flakes.query';
import { ListFlakes } from '../../projections/queue/queue.handlers';
import { Parameters } from './known-parameters';
import { Needs } from './stance';

@Controller('v1/flakes')
export class FlakesController {
  constructor(private readonly queries: QueryBus) {}

  /** Trees on which a suite was red and green, the latest first. */
  @Get()
  @Needs('read')
  @Parameters('project')
  list(@Query('project') project?: string): Promise<FlakesView> {
    return this.queries.execute(new ListFlakes(project ?? null));
  }
}
