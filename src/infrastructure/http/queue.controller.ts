import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetQueue } from '../../projections/queue/queue.handlers';
import type { QueueView } from '../../projections/queue/get-queue.query';

@Controller('queue')
export class QueueController {
  constructor(private readonly queries: QueryBus) {}

  /** Where every open task stands, and why it is not further: now, or as of a position or an instant. */
  @Get()
  show(@Query('project') project?: string, @Query('at') at?: unknown): Promise<QueueView> {
    return this.queries.execute(new GetQueue(project ?? null, at === undefined ? null : textOf(at)));
  }
}

/** A parameter that was given twice arrives as a list: it is refused for what it is. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
