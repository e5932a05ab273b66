import type { PrincipalKind, ProjectScope, Scope } from '../authority/principal';
import type { Fact } from '../fact';
import type { Digest } from '../ids';
import type { Instant } from '../instant';

/** Identity of a token, which is no secret. */
export type TokenId = string;

export interface AccessEventData {
  TokenCreated: {
    id: TokenId;
    name: string;
    digest: Digest;
    scopes: readonly Scope[];
    projects: ProjectScope;
    kind: PrincipalKind;
    expiresAt: Instant | null;
    by: string;
  };
  TokenRevoked: { id: TokenId; by: string; reason: string };
}
export type AccessEventType = keyof AccessEventData;
export type AccessEvent = { [T in AccessEventType]: Fact<T, AccessEventData[T]> }[AccessEventType];

export const ACCESS_EVENT_VERSIONS: Readonly<Record<AccessEventType, number>> = Object.freeze({
  TokenCreated: 1,
  TokenRevoked: 1,
});
