import { Body, Controller, Get, HttpCode, Param, ParseEnumPipe, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ChangePriority,
  OperateTask,
  OverrideGate,
  SubmitTask,
  WaiveGate,
} from '../../application/bus/operate.command';
import { RecordEvidence } from '../../application/bus/record-evidence.command';
import { OPERATIONS, type Accepted, type Conditions, type Operation } from '../../application/requests';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import type { Request, Response } from 'express';
import { Caller, Within } from './caller';
import { Asked, HasEtag, TakesConditions } from './conditions';
import { sayRevision } from './etag';
import { findTask } from './find-task';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import { GetTask, GetWhy, ListTasks } from '../../projections/queue/queue.handlers';
import type { TaskView, WhyView } from '../../projections/queue/get-task.query';
import { GetTaskEvents } from '../../projections/task/task.handlers';
import type { TaskEventsView } from '../../projections/task/get-task-events.query';
import type { TasksAsk, TasksView } from '../../projections/queue/list-tasks.query';
import type { PageAsk } from '../../projections/page';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { ChangePriorityDto, EvidenceDto, OperateTaskDto, OverrideGateDto, SubmitTaskDto, WaiverDto } from './task.dto';
import { Needs } from './stance';

const NAMED_AS = Object.fromEntries(OPERATIONS.map((name) => [name, name]));

@Controller('v1/tasks')
export class TasksController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly projector: ProjectionRunner,
  ) {}

  /** Enters a task. */
  @Post()
  @Needs('submit')
  @TakesConditions({ match: 'no' })
  submit(@Body() task: SubmitTaskDto, @Caller() caller: Principal, @Asked() asked: Conditions): Promise<Accepted> {
    return this.commands.execute(new SubmitTask(task, caller, asked));
  }

  /** Tasks of any stage, open and finished, by their ids; a page at a time. */
  @Get()
  @Needs('read')
  @Parameters('project', 'stage', 'status', 'limit', 'cursor')
  async list(
    @Within() within: ProjectScope,
    @Query() ask: TasksAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TasksView> {
    const page = await this.queries.execute(new ListTasks(within, ask));
    linkNext(request, response, page.nextCursor);
    return page;
  }

  /** One task in full. */
  @Get(':id')
  @Needs('read')
  @HasEtag("The revision of the task's stream, in quotes.")
  async show(
    @Within() within: ProjectScope,
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TaskView> {
    const view = await this.find(id, () => this.queries.execute(new GetTask(within, id)));
    sayRevision(request, response, view.state.revision);
    return view;
  }

  /** Where a task stands, and why it is not further. */
  @Get(':id/why')
  @Needs('read')
  async why(@Within() within: ProjectScope, @Param('id') id: string): Promise<WhyView> {
    return this.find(id, () => this.queries.execute(new GetWhy(within, id)));
  }

  /** What has happened to a task, in order. */
  @Get(':id/events')
  @Needs('read')
  @Parameters('limit', 'cursor')
  async events(
    @Within() within: ProjectScope,
    @Param('id') id: string,
    @Query() ask: PageAsk,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TaskEventsView> {
    const page = await this.find(id, () => this.queries.execute(new GetTaskEvents(within, id, ask)));
    linkNext(request, response, page.nextCursor);
    return page;
  }

  // These before the operations, whose route would take their names for one of its own.

  /** Gives a task another priority. */
  @Post(':id/priority')
  @Needs('operate')
  @TakesConditions({ match: 'may' })
  @HttpCode(200)
  changePriority(
    @Param('id') id: string,
    @Body() { priority }: ChangePriorityDto,
    @Caller() caller: Principal,
    @Asked() asked: Conditions,
  ): Promise<Accepted> {
    return this.commands.execute(new ChangePriority(id, priority, caller, asked));
  }

  /** Says how a check of a commit went. */
  @Post(':id/evidence')
  @Needs('work')
  @TakesConditions({ match: 'may' })
  @HttpCode(200)
  evidence(
    @Param('id') id: string,
    @Body() request: EvidenceDto,
    @Caller() caller: Principal,
    @Asked() asked: Conditions,
  ): Promise<Accepted> {
    return this.commands.execute(new RecordEvidence(id, request, caller, asked));
  }

  /** Lets a gate pass on record. */
  @Post(':id/override')
  @Needs('operate')
  @TakesConditions({ match: 'must' })
  @HttpCode(200)
  override(
    @Param('id') id: string,
    @Body() request: OverrideGateDto,
    @Caller() caller: Principal,
    @Asked() asked: Conditions,
  ): Promise<Accepted> {
    return this.commands.execute(new OverrideGate(id, request, caller, asked));
  }

  /** Lets what a gate has found pass on record, by paths. */
  @Post(':id/waivers')
  @Needs('operate')
  @TakesConditions({ match: 'must' })
  @HttpCode(200)
  waive(
    @Param('id') id: string,
    @Body() request: WaiverDto,
    @Caller() caller: Principal,
    @Asked() asked: Conditions,
  ): Promise<Accepted> {
    return this.commands.execute(new WaiveGate(id, request, caller, asked));
  }

  /** Holds, releases, retries or cancels a task. */
  @Post(':id/:operation')
  @Needs('operate')
  @TakesConditions({ match: 'may' })
  @HttpCode(200)
  operate(
    @Param('id') id: string,
    @Param('operation', new ParseEnumPipe(NAMED_AS)) operation: Operation,
    @Body() { reason = 'no reason given' }: OperateTaskDto,
    @Caller() caller: Principal,
    @Asked() asked: Conditions,
  ): Promise<Accepted> {
    return this.commands.execute(new OperateTask(operation, id, reason, caller, asked));
  }

  private find<T>(id: string, ask: () => Promise<T | null>): Promise<T> {
    return findTask(this.projector, id, ask);
  }
}
