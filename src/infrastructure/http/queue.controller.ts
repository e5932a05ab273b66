import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetQueue } from '../../projections/queue/queue.handlers';
import type { QueueView } from '../../projections/queue/get-queue.query';

@Controller('queue')
export class QueueController {
  constructor(private readonly queries: QueryBus) {}

  /** Where every open task stands, and why it is not further. */
  @Get()
  show(@Query('project') project?: string): Promise<QueueView> {
    return this.queries.execute(new GetQueue(project ?? null));
  }
}
