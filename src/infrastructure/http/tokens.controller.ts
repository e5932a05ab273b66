import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NewToken, TokenView } from '../../application/access/tokens';
import { CreateToken, ListTokens, RevokeToken } from '../../application/bus/token.command';
import type { Principal } from '../../domain/authority/principal';
import { Caller } from './caller';
import { CreateTokenDto, RevokeTokenDto } from './token.dto';
import { Needs } from './stance';

interface TokensView {
  readonly items: readonly TokenView[];
}

@Controller('v1/tokens')
export class TokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  /** Makes a token, and tells its secret once. */
  @Post()
  @Needs('admin')
  create(@Body() token: CreateTokenDto, @Caller() caller: Principal): Promise<NewToken> {
    return this.commands.execute(new CreateToken(token, caller));
  }

  /** Every token, without secrets. */
  @Get()
  @Needs('admin')
  async list(@Caller() caller: Principal): Promise<TokensView> {
    return { items: await this.queries.execute(new ListTokens(caller)) };
  }

  /** Lets nobody in any more by a token. */
  @Post(':token/revoke')
  @Needs('admin')
  @HttpCode(200)
  revoke(
    @Param('token') token: string,
    @Body() { reason = 'no reason given' }: RevokeTokenDto,
    @Caller() caller: Principal,
  ): Promise<TokenView> {
    return this.commands.execute(new RevokeToken(token, reason, caller));
  }
}
