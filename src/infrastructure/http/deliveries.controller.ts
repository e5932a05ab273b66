import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import { RedeliverAlerts } from '../../application/bus/alert.command';
import type { RedeliverAnswer } from '../../application/redelivery';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import type { DeliveriesAsk, DeliveriesView } from '../../projections/queue/list-deliveries.query';
import { ListDeliveries } from '../../projections/queue/queue.handlers';
import { RedeliverDto } from './alert.dto';
import { Caller, Within } from './caller';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { Needs } from './stance';

@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** Alerts on their way to sinks, the latest first: which ones arrived, are tried again, or are dead letters. */
  @Get()
  @Needs('read')
  @Parameters('sink', 'alert', 'project', 'outcome', 'limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Query() ask: DeliveriesAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DeliveriesView> {
    const view = await this.queries.execute(new ListDeliveries(within, ask));
    linkNext(request, response, view.nextCursor);
    return view;
  }

  /** Has dead letters tried anew: those of an alert, of a sink, or of an alert at a sink. */
  @Post('redeliver')
  @Needs('operate')
  @HttpCode(200)
  redeliver(@Body() { alert, sink }: RedeliverDto, @Caller() caller: Principal): Promise<RedeliverAnswer> {
    return this.commands.execute(new RedeliverAlerts({ alert, sink }, caller));
  }
}
