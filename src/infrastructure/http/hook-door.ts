import { raw, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Telemetry } from '../../application/ports/telemetry';
import { isHookSource } from '../../domain/hooks/hook-sources';
import type { SignedDeliveries, SignedDelivery } from '../hooks/signed-deliveries';
import { problem, type Problem } from './problem.filter';
import { RequestRefused } from '../../application/refusals';
import type { RateLimits } from './rate/rate-limits';

/** Where webhooks come in. */
export const HOOKS_PATH = '/v1/hooks';

/** The same whatever is wrong, for projects that are there and for others: what it is helps only those who guess. */
const UNSIGNED = problem(
  401,
  'unsigned',
  'expected a delivery that is signed with a secret of this project, saw none; docs/webhooks.md says how',
);

const signed = new WeakMap<Request, SignedDelivery>();

/** A request that has come through the door. @throws for one that has not: a fault of the program. */
export function signedDelivery(request: Request): SignedDelivery {
  const delivery = signed.get(request);
  if (!delivery) throw new Error('a delivery was reached past the door that looks at signatures');
  return delivery;
}

export function isSignedRequest(request: Request): boolean {
  return signed.has(request);
}

/**
 * Stands before everything that reads a request: all bytes of a body, of whatever kind, are looked at as they have come, and whoever
 * has not signed them learns nothing, not even whether they are JSON.
 *
 * @returns what has to be in the way of `HOOKS_PATH`, in this order.
 */
export function hookDoor(
  deliveries: SignedDeliveries,
  limit: string,
  limits: Pick<RateLimits, 'charge'>,
  telemetry: Telemetry,
): readonly RequestHandler[] {
  const read = raw({ type: () => true, limit, inflate: false });
  const look = (request: Request, response: Response, next: NextFunction): void => {
    const [project = '', source = '', ...rest] = request.path.split('/').slice(1);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const delivery = deliveries.verified(project, source, { headers: request.headers, body });
    if (delivery && rest.length === 0) {
      signed.set(request, delivery);
      next();
      return;
    }
    telemetry.happened('hook', { source: isHookSource(source) ? source : 'unknown', outcome: 'unsigned' });
    const { status, ...said } = refusalOf(request, response, limits);
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ ...said, status }));
  };
  return [ofPosts(read), ofPosts(look)];
}

/** Who has signed is known, and not counted: what a forge sends once it sends to nobody again. */
function refusalOf(request: Request, response: Response, limits: Pick<RateLimits, 'charge'>): Problem {
  try {
    limits.charge(request, response, null);
    return UNSIGNED;
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error;
    return problem(429, error.code, error.message);
  }
}

/** For what others have in the way: none of their business is what was let in by its signature. */
export function unlessSigned(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (isSignedRequest(request)) next();
    else void handler(request, response, next);
  };
}

function ofPosts(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'POST') void handler(request, response, next);
    else next();
  };
}
