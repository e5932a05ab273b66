import { Controller, Get, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import { GetTask } from '../../projections/queue/queue.handlers';
import { GetRun, ListRuns } from '../../projections/runs/runs.handlers';
import type { RunsView, RunView } from '../../projections/runs/list-runs.query';
import type { PageAsk } from '../../projections/page';
import type { Request, Response } from 'express';
import { knownProject } from '../../application/refusals';
import { Views } from '../../projections/views';
import { linkNext } from './next-link';
import { findTask } from './find-task';
import { Within } from './caller';
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
    private readonly views: Views,
  ) {}

  /** Runs of suites, hooks and agents, the latest first. */
  @Get()
  @Needs('read')
  @Parameters('project', 'task', 'limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Query() ask: RunsAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunsView> {
    const { project, task: taskId, limit, cursor } = ask;
    const of = { ...(project !== undefined && { project }), ...(taskId !== undefined && { taskId }) };
    // A task that nothing has run for yet is no task that there is not.
    if (taskId !== undefined)
      await findTask(this.projector, taskId, () => this.queries.execute(new GetTask(within, taskId)));
    const view = await this.queries.execute(new ListRuns(within, { ...of, limit, cursor }));
    if (project !== undefined && view.items.length === 0) knownProject(this.views.within(within).projects, project);
    linkNext(request, response, view.nextCursor);
    return view;
  }

  /** One run. */
  @Get(':runId')
  @Needs('read')
  async show(@Within() within: ProjectScope, @Param('runId') runId: string): Promise<RunView> {
    const run = await this.queries.execute(new GetRun(within, runId));
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
  async log(
    @Within() within: ProjectScope,
    @Param('runId') runId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const isSeen = within === '*' || (await this.queries.execute(new GetRun(within, claimedRun(runId)))) !== null;
    const log = isSeen ? await this.logs.open(runId) : null;
    if (log === null) throw new NotFoundException(`${runId}: no log is kept here`);
    await sendBytes(log, request, response);
  }
}

/** The run of a claim that this is a part of: a set-up, a second try, a shadow. */
function claimedRun(runId: string): string {
  return runId.replace(/(?:-confirm|-shadow)?(?:-setup)?$/, '');
}
