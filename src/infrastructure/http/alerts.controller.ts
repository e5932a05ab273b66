import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import type { AlertAnswer } from '../../application/alert-operations';
import { AnswerAlert } from '../../application/bus/alert.command';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import type { AlertAsk, AlertsView } from '../../projections/queue/list-alerts.query';
import { ListAlerts } from '../../projections/queue/queue.handlers';
import { AnswerAlertDto } from './alert.dto';
import { Caller, Within } from './caller';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { Needs } from './stance';

@Controller('v1/alerts')
export class AlertsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** Alerts, the latest first: those that are open, unless others are asked for. */
  @Get()
  @Needs('read')
  @Parameters('state', 'project', 'limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Query() ask: AlertAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AlertsView> {
    const page = await this.queries.execute(new ListAlerts(within, ask));
    linkNext(request, response, page.nextCursor);
    return page;
  }

  /** Says that somebody takes care of an alert. */
  @Post(':alert/acknowledge')
  @Needs('operate')
  @HttpCode(200)
  acknowledge(
    @Param('alert') alert: string,
    @Body() { note }: AnswerAlertDto,
    @Caller() caller: Principal,
  ): Promise<AlertAnswer> {
    return this.commands.execute(new AnswerAlert('acknowledge', { alert, note }, caller));
  }

  /** Closes an alert whose cause is gone, or known. */
  @Post(':alert/close')
  @Needs('operate')
  @HttpCode(200)
  close(
    @Param('alert') alert: string,
    @Body() { note }: AnswerAlertDto,
    @Caller() caller: Principal,
  ): Promise<AlertAnswer> {
    return this.commands.execute(new AnswerAlert('close', { alert, note }, caller));
  }
}
