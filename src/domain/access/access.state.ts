import type { Principal, PrincipalKind, ProjectScope, Scope } from '../authority/principal';
import type { Damage, Unreadable } from '../damage';
import type { Digest } from '../ids';
import type { Instant } from '../instant';
import type { AccessEvent, TokenId } from './access.events';
import { isSameDigest } from './same-digest';

export interface Token {
  readonly id: TokenId;
  /** Of the principal that it stands for, as events say it. */
  readonly name: string;
  readonly digest: Digest;
  readonly scopes: readonly Scope[];
  readonly projects: ProjectScope;
  readonly kind: PrincipalKind;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly expiresAt: Instant | null;
  readonly revoked: { readonly at: Instant; readonly by: string; readonly reason: string } | null;
}

/** Every token that there ever was, in the order of their creation. */
export interface Access {
  readonly tokens: readonly Token[];
  /** The first event of the stream that cannot be relied on: whom the others let in is not known, so nobody. */
  readonly damage: Damage | null;
}

export function initialAccess(): Access {
  return { tokens: [], damage: null };
}

export function evolveAccess(access: Access, event: AccessEvent | Unreadable, at: Instant): Access {
  if (access.damage) return access;
  switch (event.type) {
    case 'Unreadable':
      return { ...access, damage: event.data };
    case 'TokenCreated': {
      const { by: createdBy, ...token } = event.data;
      return { ...access, tokens: [...access.tokens, { ...token, createdAt: at, createdBy, revoked: null }] };
    }
    case 'TokenRevoked': {
      const { id, by, reason } = event.data;
      const revoke = (token: Token) => (token.id === id ? { ...token, revoked: { at, by, reason } } : token);
      return { ...access, tokens: access.tokens.map(revoke) };
    }
    default:
      // A log may hold types that an older program does not know; `satisfies` still breaks the build for a forgotten one.
      event satisfies never;
      return access;
  }
}

/** Up to the very instant it expires at, without it. */
export function isLive({ revoked, expiresAt }: Token, at: Instant): boolean {
  return revoked === null && (expiresAt === null || at < expiresAt);
}

/** @returns who has sent the secret of this digest; null for nobody that is let in, whatever the reason. */
export function principalWith(access: Access, digest: Digest, at: Instant): Principal | null {
  if (access.damage) return null;
  // All of them, so that the time it takes says nothing about which one it is.
  const [token] = access.tokens.filter((one) => isSameDigest(one.digest, digest));
  if (!token || !isLive(token, at)) return null;
  const { name, kind, scopes: rights, projects } = token;
  return { name, kind, rights, projects };
}
