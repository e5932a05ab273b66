import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { CompleteWork, GiveUpWork, SendHeartbeat, TakeOffered } from '../../application/bus/work.command';
import type { Extended, Handed, Taken } from '../../application/outside/work-requests';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import { ProjectionRunner } from '../../projections/following/projection-runner';
import type { WorkView } from '../../projections/queue/get-work.query';
import { GetWork } from '../../projections/queue/queue.handlers';
import { Caller, Within } from './caller';
import { Parameters } from './known-parameters';
import { ClaimDto, CompleteWorkDto, GiveUpWorkDto, TakeWorkDto } from './work.dto';
import { Needs } from './stance';

/** Work for whoever asks: people, CI, agents elsewhere. */
@Controller('v1/work')
export class WorkController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly projector: ProjectionRunner,
  ) {}

  /** Work that may be taken. */
  @Get()
  @Needs('read')
  @Parameters('project', 'role')
  async list(
    @Within() within: ProjectScope,
    @Query('project') project?: string,
    @Query('role') role?: string,
  ): Promise<WorkView> {
    await this.projector.catchUp();
    return this.queries.execute(new GetWork(within, { project: project ?? null, role: role ?? null }));
  }

  /** Takes work: that of a task, or the next of a role. */
  @Post()
  @Needs('work')
  take(@Body() request: TakeWorkDto, @Caller() caller: Principal): Promise<Taken> {
    return this.commands.execute(new TakeOffered(request, caller));
  }

  /** Says that whoever took the work is still there. */
  @Post(':task/heartbeat')
  @Needs('work')
  @HttpCode(200)
  heartbeat(@Param('task') task: string, @Body() cited: ClaimDto, @Caller() caller: Principal): Promise<Extended> {
    return this.commands.execute(new SendHeartbeat(task, cited, caller));
  }

  /** Hands in what was done. */
  @Post(':task/complete')
  @Needs('work')
  @HttpCode(200)
  complete(@Param('task') task: string, @Body() body: CompleteWorkDto, @Caller() caller: Principal): Promise<Handed> {
    return this.commands.execute(new CompleteWork(task, body, caller));
  }

  /** Says that it could not be done. */
  @Post(':task/fail')
  @Needs('work')
  @HttpCode(200)
  fail(@Param('task') task: string, @Body() body: GiveUpWorkDto, @Caller() caller: Principal): Promise<Handed> {
    return this.commands.execute(new GiveUpWork('fail', task, body, caller));
  }

  /** Gives work back for somebody else. */
  @Post(':task/release')
  @Needs('work')
  @HttpCode(200)
  release(@Param('task') task: string, @Body() body: GiveUpWorkDto, @Caller() caller: Principal): Promise<Handed> {
    return this.commands.execute(new GiveUpWork('release', task, body, caller));
  }
}
