import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import type { Request, Response } from 'express';
import type { FlakesAsk, FlakesView } from '../../projections/queue/list-flakes.query';
import { ListFlakes } from '../../projections/queue/queue.handlers';
import { Within } from './caller';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { Needs } from './stance';

@Controller('v1/flakes')
export class FlakesController {
  constructor(private readonly queries: QueryBus) {}

  /** Trees on which a suite was red and green, the latest first. */
  @Get()
  @Needs('read')
  @Parameters('project', 'limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Query() ask: FlakesAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<FlakesView> {
    const page = await this.queries.execute(new ListFlakes(within, ask));
    linkNext(request, response, page.nextCursor);
    return page;
  }
}
