import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetQueue } from '../../projections/queue/queue.handlers';
import type { QueueAsk } from '../../projections/queue/queue-page';
import type { QueueView } from '../../projections/queue/get-queue.query';

@Controller('queue')
export class QueueController {
  constructor(private readonly queries: QueryBus) {}

  /** Where open tasks stand, and why they are not further: now, or as of a position or an instant; a page at a time. */
  @Get()
  show(@Query() { at, project, ...page }: Asked): Promise<QueueView> {
    const ask = { ...page, project: project === undefined ? null : textOf(project) };
    return this.queries.execute(new GetQueue(ask, at === undefined ? null : textOf(at)));
  }
}

/** As the URL has it. */
interface Asked extends Omit<QueueAsk, 'project'> {
  readonly project?: unknown;
  readonly at?: unknown;
}

/** A parameter that was given twice arrives as a list: it is refused for what it is. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
