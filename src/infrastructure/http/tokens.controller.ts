import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import type { NewToken, TokenView } from '../../application/access/tokens';
import { CreateToken, ListTokens, RevokeToken } from '../../application/bus/token.command';
import type { Principal } from '../../domain/authority/principal';
import { pageOf, type PageAsk } from '../../projections/page';
import { Caller } from './caller';
import { Parameters } from './known-parameters';
import { linkNext } from './next-link';
import { CreateTokenDto, RevokeTokenDto } from './token.dto';
import { Needs } from './stance';

interface TokensView {
  /** The newest first. */
  readonly items: readonly TokenView[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
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
  @Parameters('limit', 'cursor')
  async list(
    @Query() ask: PageAsk,
    @Caller() caller: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokensView> {
    const page = pageOf(await this.queries.execute(new ListTokens(caller)), ask, ['tokens'], ({ id }) => id);
    linkNext(request, response, page.nextCursor);
    return page;
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
