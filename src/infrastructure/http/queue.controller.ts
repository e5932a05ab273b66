import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { GetQueue } from '../../projections/queue/queue.handlers';
import type { Request, Response } from 'express';
import { Within } from './caller';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import type { QueueAsk } from '../../projections/queue/queue-page';
import type { QueueView } from '../../projections/queue/get-queue.query';
import { Needs } from './stance';

@Controller('queue')
export class QueueController {
  constructor(private readonly queries: QueryBus) {}

  /** Where open tasks stand, and why they are not further: now, or as of a position or an instant; a page at a time. */
  @Get()
  @Needs('read')
  @Parameters('project', 'stage', 'limit', 'cursor', 'at')
  async show(
    @Within() within: ProjectScope,
    @Query() { at = null, ...ask }: Asked,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<QueueView> {
    const page = await this.queries.execute(new GetQueue(within, ask, at));
    linkNext(request, response, page.nextCursor);
    return page;
  }
}

/** As the URL has it. */
interface Asked extends QueueAsk {
  readonly at?: string | null;
}
