import { Controller, Get, Header, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetRun, ListRuns } from '../../projections/runs/runs.handlers';
import type { RunsView, RunView } from '../../projections/runs/list-runs.query';
import { RunLogs } from './run-logs';

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
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  async log(@Param('runId') runId: string): Promise<string> {
    const text = await this.logs.read(runId);
    if (text === null) throw new NotFoundException(`${runId}: no log is kept here`);
    return text;
  }
}
