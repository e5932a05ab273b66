import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetQueue } from '../../projections/queue/queue.handlers';
import { Parameters } from './known-parameters';
import type { QueueAsk } from '../../projections/queue/queue-page';
import type { QueueView } from '../../projections/queue/get-queue.query';
import { Needs } from './stance';

@Controller('queue')
export class QueueController {
  constructor(private readonly queries: QueryBus) {}

  /** Where open tasks stand, and why they are not further: now, or as of a position or an instant; a page at a time. */
  @Get()
  @Needs('read')
  @Parameters('project', 'stage', 'limit', 'after', 'at')
  show(@Query() { at = null, ...page }: Asked): Promise<QueueView> {
    return this.queries.execute(new GetQueue(page, at));
  }
}

/** As the URL has it. */
interface Asked extends QueueAsk {
  readonly at?: string | null;
}
