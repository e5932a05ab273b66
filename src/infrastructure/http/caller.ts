import { createParamDecorator, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { Tokens } from '../../application/access/tokens';
import { RequestRefused } from '../../application/refusals';
import type { Hasher } from '../../application/ports/ids';
import { isSameDigest } from '../../domain/access/same-digest';
import { isTokenText } from '../../domain/access/token-text';
import { LOCAL, type Principal } from '../../domain/authority/principal';
import { isSignedRequest } from './hook-door';

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
const READING = new Set(['GET', 'HEAD']);
export const KNOWN_ONLY = 'stagegate:known-callers-only';
const SCOPED_READERS = 'stagegate:scoped-readers';
export const SIGNED = 'stagegate:signed';
/** The same whatever is wrong: what it is helps only those who guess. */
const UNKNOWN_CALLER =
  'expected Authorization: Bearer with a token that is valid here, saw none; the stagegate command on this machine has its own, stagegate token create makes others';

/** For a route that changes nothing, and is not for everybody all the same. */
export const ForKnownCallers = () => SetMetadata(KNOWN_ONLY, true);

/** For a read that whoever brings a token gets for the projects of that token. */
export const ForScopedReaders = () => SetMetadata(SCOPED_READERS, true);

/** For a route whose requests are let in by their signature, and by no token. */
export const ForSigned = () => SetMetadata(SIGNED, true);

/** Finds out once, before every route that is not for everybody, who asks. */
export class KnownCaller implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(private readonly callerOf: CallerOf) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if (this.reflector.get<boolean>(SIGNED, context.getHandler())) return isSignedRequest(request);
    if (this.isForAll(request, context)) return true;
    const caller = await this.callerOf(request);
    if (!caller) throw new RequestRefused('unauthenticated', 'unauthenticated', UNKNOWN_CALLER);
    callers.set(request, caller);
    asking.set(request, this.callerOf);
    return true;
  }

  private isForAll({ method, headers }: Request, context: ExecutionContext): boolean {
    const isMarked = (as: string) => this.reflector.get<boolean | undefined>(as, context.getHandler()) === true;
    if (!READING.has(method) || isMarked(KNOWN_ONLY)) return false;
    return headers.authorization === undefined || !isMarked(SCOPED_READERS);
  }
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
