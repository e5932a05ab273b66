import { createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Tokens } from '../../application/access/tokens';
import { RequestRefused } from '../../application/refusals';
import type { Hasher } from '../../application/ports/ids';
import { isSameDigest } from '../../domain/access/same-digest';
import { isTokenText } from '../../domain/access/token-text';
import { LOCAL, type Principal, type ProjectScope, type Scope } from '../../domain/authority/principal';
import { isForwarded } from './forwarded';
import { isSignedRequest } from './hook-door';
import type { RateLimits } from './rate/rate-limits';
import { stanceOf } from './stance';

/** Says who sends a request, by what the service knows of it; null for nobody that it knows. */
export type CallerOf = (request: Request) => Promise<Principal | null>;

/** @param operatorToken the secret that the service has written down for its own user; null when nobody was given one. */
export function callerByToken(
  { tokens, hasher }: { readonly tokens: Pick<Tokens, 'principalOf'>; readonly hasher: Hasher },
  operatorToken: string | null,
): CallerOf {
  const operatorDigest = operatorToken === null ? null : hasher.sha256(operatorToken);
  return async ({ rawHeaders }) => {
    const token = bearerIn(rawHeaders);
    if (token === null) return null;
    if (operatorDigest !== null && isSameDigest(operatorDigest, hasher.sha256(token))) return LOCAL;
    return tokens.principalOf(token);
  };
}

/** The token of a request; null for none, for what cannot be one, and for more than one. */
export function bearerIn(rawHeaders: readonly string[]): string | null {
  // Of headers that come twice Node.js shows the first, and somebody in between may have looked at the last.
  const given = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'authorization' && index % 2);
  const [value = ''] = given;
  const token = /^Bearer +([^ ]+)$/i.exec(value)?.[1] ?? '';
  return given.length === 1 && isTokenText(token) ? token : null;
}

const callers = new WeakMap<Request, Principal>();
const asking = new WeakMap<Request, CallerOf>();
/** Of every request that came by the guard: what may be shown to whoever has sent it. */
const scopes = new WeakMap<Request, ProjectScope>();
const READING = new Set(['GET', 'HEAD']);
/** The same whatever is wrong: what it is helps only those who guess. */
const UNKNOWN_CALLER =
  'expected Authorization: Bearer with a token that is valid here, saw none; the stagegate command on this machine has its own, stagegate token create makes others';

export interface Door {
  readonly callerOf: CallerOf;
  /** Whether whoever brings no token may read: those of this machine may, where nobody else can come. */
  readonly isOpen: boolean;
  readonly limits: Pick<RateLimits, 'charge'>;
}

/** Finds out once, before every route that is not for everybody, who asks, and whether they may. */
export class KnownCaller implements CanActivate {
  constructor(private readonly door: Door) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const stance = stanceOf(context.getHandler());
    if (stance === 'signed') return isSignedRequest(request);
    const { isOpen: isOpenDoor, limits } = this.door;
    const isOpen = isOpenDoor && READING.has(request.method) && !isForwarded(request);
    const isAnonymous = request.headers.authorization === undefined;
    scopes.set(request, isOpen && isAnonymous ? '*' : []);
    if (stance === 'everybody' || (isOpen && isAnonymous && stance === 'read')) {
      limits.charge(request, response, null);
      if (!isAnonymous) scopes.set(request, await this.scopeOf(request));
      return true;
    }
    const caller = await this.door.callerOf(request);
    limits.charge(request, response, caller);
    if (!caller) throw new RequestRefused('unauthenticated', 'unauthenticated', UNKNOWN_CALLER);
    callers.set(request, caller);
    asking.set(request, this.door.callerOf);
    scopes.set(request, caller.projects);
    // On loopback everybody may read: whoever brings a token is not worse off, and sees what the token is for.
    if (stance === 'read' && !isOpen) demandScope(caller, stance);
    return true;
  }

  /** Of what is for everybody a token may show more; whatever is wrong with it, it shows no less. */
  private async scopeOf(request: Request): Promise<ProjectScope> {
    try {
      const caller = await this.door.callerOf(request);
      return caller?.rights.includes('read') ? caller.projects : [];
    } catch {
      // The store is away: who asks how the service is has to be answered all the same.
      return [];
    }
  }
}

/** Of what changes something the operation says it, once it is known that there is such a thing. */
function demandScope({ name, rights }: Principal, scope: Scope): void {
  if (rights.includes(scope)) return;
  throw new RequestRefused(
    'forbidden',
    'not-allowed',
    `expected the right to ${scope}, ${name} has only: ${rights.join(', ')}`,
  );
}

/**
 * Whether whoever has sent a request would be let in now. Nobody knows of one that needed nobody's leave: it still does not.
 *
 * @throws what the store throws while it cannot be asked.
 */
export async function isStillKnown(request: Request): Promise<boolean> {
  const callerOf = asking.get(request);
  return callerOf === undefined || (await callerOf(request)) !== null;
}

/** The parameter of a read that is which projects there are for whoever asks: every one, without a token where reading is open. */
export const Within = createParamDecorator((_: unknown, context: ExecutionContext): ProjectScope => {
  const scope = scopes.get(context.switchToHttp().getRequest<Request>());
  if (scope === undefined) throw new Error('a route was reached past the guard that knows what may be shown');
  return scope;
});

/** The parameter of a read that is who asks; null for somebody without a token. */
export const Reader = createParamDecorator((_: unknown, context: ExecutionContext): Principal | null => {
  return callers.get(context.switchToHttp().getRequest<Request>()) ?? null;
});

/** The parameter of a route that is who asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal =>
  callerOfRequest(context.switchToHttp().getRequest<Request>()),
);

/** Who sends a request that came by the guard. */
export function callerOfRequest(request: Request): Principal {
  const caller = callers.get(request);
  if (!caller) throw new Error('a route was reached past the guard that knows who asks');
  return caller;
}
