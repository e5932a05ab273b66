import { Controller, Get, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetRun, ListRuns } from '../../projections/runs/runs.handlers';
import type { RunsView, RunView } from '../../projections/runs/list-runs.query';
import type { Request, Response } from 'express';
import { RunLogs } from './run-logs';
import { sendRunLog } from './send-run-log';

@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly logs: RunLogs,
  ) {}

  @Get()
  list(@Query('task') taskId?: string): Promise<RunsView> {
    return this.queries.execute(new ListRuns(taskId === undefined ? {} : { taskId }));
  }

  @Get(':runId')
  async show(@Param('runId') runId: string): Promise<RunView> {
    const run = await this.queries.execute(new GetRun(runId));
    if (!run) throw new NotFoundException(`${runId}: no such run`);
    return run;
  }

  @Get(':runId/log')
  async log(@Param('runId') runId: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const log = await this.logs.open(runId);
    if (log === null) throw new NotFoundException(`${runId}: no log is kept here`);
    await sendRunLog(log, request, response);
  }
}
