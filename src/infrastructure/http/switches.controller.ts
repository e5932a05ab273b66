import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ListSwitches } from '../../application/bus/list-switches.query';
import { SetSwitch } from '../../application/bus/set-switch.command';
import type { SwitchAnswer, SwitchesView } from '../../application/switch-requests';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import { Caller, Within } from './caller';
import { Parameters } from './known-parameters';
import { SetSwitchDto } from './switch.dto';
import { Needs } from './stance';

@Controller('v1')
export class SwitchesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** Every mechanism of every project: on or off, and who says so. */
  @Get('switches')
  @Needs('read')
  @Parameters('project')
  list(@Within() within: ProjectScope, @Query('project') project: string | null = null): Promise<SwitchesView> {
    return this.queries.execute(new ListSwitches(within, project));
  }

  /** Switches a mechanism of a project on or off, or gives it back to project file and environment. */
  @Post('projects/:project/switches/:name')
  @Needs('operate')
  @HttpCode(200)
  set(
    @Param('project') project: string,
    @Param('name') name: string,
    @Body() { state, reason }: SetSwitchDto,
    @Caller() caller: Principal,
  ): Promise<SwitchAnswer> {
    return this.commands.execute(new SetSwitch({ project, switch: name, state, reason }, caller));
  }
}
