import { Controller, Get, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import { GetTask } from '../../projections/queue/queue.handlers';
import { GetRun, ListRuns } from '../../projections/runs/runs.handlers';
import type { RunsView, RunView } from '../../projections/runs/list-runs.query';
import type { Request, Response } from 'express';
import { findTask } from './find-task';
import { Parameters } from './known-parameters';
import { RunLogs } from './run-logs';
import { sendRunLog } from './send-run-log';

@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly logs: RunLogs,
    private readonly projector: ProjectionRunner,
  ) {}

  /** Runs of suites, hooks and agents, the latest first. */
  @Get()
  @Parameters('task')
  async list(@Query('task') taskId?: string): Promise<RunsView> {
    if (taskId === undefined) return this.queries.execute(new ListRuns());
    // A task that nothing has run for yet is no task that there is not.
    await findTask(this.projector, taskId, () => this.queries.execute(new GetTask(taskId)));
    return this.queries.execute(new ListRuns({ taskId }));
  }

  /** One run. */
  @Get(':runId')
  async show(@Param('runId') runId: string): Promise<RunView> {
    const run = await this.queries.execute(new GetRun(runId));
    if (!run) throw new NotFoundException(`${runId}: no such run`);
    return run;
  }

  /**
   * The output of a run, as far as it has come.
   *
   * @produces text/plain
   * @ranges
   */
  @Get(':runId/log')
  async log(@Param('runId') runId: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const log = await this.logs.open(runId);
    if (log === null) throw new NotFoundException(`${runId}: no log is kept here`);
    await sendRunLog(log, request, response);
  }
}
