import { Controller, Get, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import { GetTask } from '../../projections/queue/queue.handlers';
import { GetRun, ListRuns } from '../../projections/runs/runs.handlers';
import type { RunsView, RunView } from '../../projections/runs/list-runs.query';
import type { PageAsk } from '../../projections/page';
import type { Request, Response } from 'express';
import { Projects } from '../../application/projects';
import { knownProject } from '../../application/refusals';
import { linkNext } from './next-link';
import { findTask } from './find-task';
import { Parameters } from './known-parameters';
import { RunLogs } from './run-logs';
import { sendBytes } from './send-bytes';
import { Needs } from './stance';

/** As the URL has it. */
interface RunsAsk extends PageAsk {
  readonly project?: string;
  readonly task?: string;
}

@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly logs: RunLogs,
    private readonly projector: ProjectionRunner,
    private readonly projects: Projects,
  ) {}

  /** Runs of suites, hooks and agents, the latest first. */
  @Get()
  @Needs('read')
  @Parameters('project', 'task', 'limit', 'cursor')
  async list(
    @Query() ask: RunsAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunsView> {
    const { project, task: taskId, limit, cursor } = ask;
    const of = { ...(project !== undefined && { project }), ...(taskId !== undefined && { taskId }) };
    // A task that nothing has run for yet is no task that there is not.
    if (taskId !== undefined) await findTask(this.projector, taskId, () => this.queries.execute(new GetTask(taskId)));
    const view = await this.queries.execute(new ListRuns({ ...of, limit, cursor }));
    if (project !== undefined && view.items.length === 0) knownProject(this.projects, project);
    linkNext(request, response, view.nextCursor);
    return view;
  }

  /** One run. */
  @Get(':runId')
  @Needs('read')
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
  @Needs('read')
  async log(@Param('runId') runId: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const log = await this.logs.open(runId);
    if (log === null) throw new NotFoundException(`${runId}: no log is kept here`);
    await sendBytes(log, request, response);
  }
}
