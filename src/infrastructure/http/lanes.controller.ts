import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ResumeLane } from '../../application/bus/resume-lane.command';
import type { ResumeAnswer } from '../../application/lane-operations';
import type { Principal } from '../../domain/authority/principal';
import { Caller } from './caller';
import { ResumeLaneDto } from './lane.dto';
import { Needs } from './stance';

@Controller('v1')
export class LanesController {
  constructor(private readonly commands: CommandBus) {}

  /** Ends the pause of a lane before its probe does. */
  @Post('projects/:project/lane/resume')
  @Needs('operate')
  @HttpCode(200)
  resume(
    @Param('project') project: string,
    @Body() { reason }: ResumeLaneDto,
    @Caller() caller: Principal,
  ): Promise<ResumeAnswer> {
    return this.commands.execute(new ResumeLane({ project, reason }, caller));
  }
}
