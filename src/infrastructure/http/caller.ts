import { createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { LOCAL, type Principal } from '../../domain/authority/principal';

/** Says who sends a request, by what the service knows of it. */
export type CallerOf = (request: Request) => Principal;

/** Whoever reaches the port is the operator: it is on the loopback address only, and there are no tokens yet. */
export const whoeverReachesThePort: CallerOf = () => LOCAL;

const callers = new WeakMap<Request, Principal>();

/** Finds out once, before every route, who asks. */
export class KnownCaller implements CanActivate {
  constructor(private readonly callerOf: CallerOf) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    callers.set(request, this.callerOf(request));
    return true;
  }
}

/** The parameter of a route that is who asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new Error('a route was reached past the guard that knows who asks');
  return caller;
});
