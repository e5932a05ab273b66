import {
  A_PRINCIPAL_KIND,
  A_PROJECT_SCOPE,
  A_SCOPE_LIST,
  A_TOKEN_NAME,
  isPrincipalKind,
  isProjectScope,
  isScopeList,
  isTokenName,
} from '../../domain/access/grant';
import type { PrincipalKind, ProjectScope, Scope } from '../../domain/authority/principal';
import { parseInstant } from '../../domain/instant';
import { A_REASON, isReason } from '../../domain/task/texts';
import { Fits, MayBeMissing } from './fits';

/** Body of `POST /v1/tokens`. Unknown members are refused. */
export class CreateTokenDto {
  @Fits('string', isTokenName, A_TOKEN_NAME)
  readonly name!: string;

  @Fits('any', isListOfScopes, A_SCOPE_LIST)
  readonly scopes!: readonly Scope[];

  @MayBeMissing()
  @Fits('any', isProjectScope, A_PROJECT_SCOPE)
  readonly projects?: ProjectScope;

  @MayBeMissing()
  @Fits('string', isPrincipalKind, A_PRINCIPAL_KIND)
  readonly kind?: PrincipalKind;

  @MayBeMissing()
  @Fits('any', isEnd, 'an instant with its zone, or null for never')
  readonly expiresAt?: string | null;
}

export class RevokeTokenDto {
  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly reason?: string;
}

function isListOfScopes(value: unknown): boolean {
  return Array.isArray(value) && isScopeList(value);
}

function isEnd(value: unknown): boolean {
  return value === null || (typeof value === 'string' && parseInstant(value) !== null);
}
