import { CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { Tokens, type NewToken, type TokenRequest, type TokenView } from '../access/tokens';
import { Order } from './operate.command';

export class CreateToken extends Order<NewToken> {
  constructor(
    readonly request: TokenRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

export class RevokeToken extends Order<TokenView> {
  constructor(
    readonly named: string,
    readonly reason: string,
    principal: Principal,
  ) {
    super(principal);
  }
}

/** Changes nothing, and is not for everybody. */
export class ListTokens extends Query<readonly TokenView[]> {
  constructor(readonly principal: Principal) {
    super();
  }
}

@CommandHandler(CreateToken)
export class CreateTokenHandler implements ICommandHandler<CreateToken> {
  constructor(private readonly tokens: Tokens) {}

  execute({ request, principal }: CreateToken): Promise<NewToken> {
    return this.tokens.create(request, principal);
  }
}

@CommandHandler(RevokeToken)
export class RevokeTokenHandler implements ICommandHandler<RevokeToken> {
  constructor(private readonly tokens: Tokens) {}

  execute({ named, reason, principal }: RevokeToken): Promise<TokenView> {
    return this.tokens.revoke(named, reason, principal);
  }
}

@QueryHandler(ListTokens)
export class ListTokensHandler implements IQueryHandler<ListTokens> {
  constructor(private readonly tokens: Tokens) {}

  execute({ principal }: ListTokens): Promise<readonly TokenView[]> {
    return this.tokens.list(principal);
  }
}
