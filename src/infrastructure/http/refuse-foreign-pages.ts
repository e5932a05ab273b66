import type { NextFunction, Request, Response } from 'express';
import { problem } from './problem.filter';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reading needs no token, and any page that a browser on this machine has open could do it. A page names its origin and cannot send JSON without asking first; a name that was rebound to this address
 * shows in the Host header.
 */
export function refuseForeignPages(request: Request, response: Response, next: NextFunction): void {
  const objection = objectionTo(request);
  if (!objection) {
    next();
    return;
  }
  const { status, code, detail } = objection;
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(status, code, detail)));
}

interface Objection {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

function objectionTo(request: Request): Objection | null {
  const { host = '', origin } = request.headers;
  if (!LOOPBACK.test(host)) {
    return { status: 403, code: 'foreign-host', detail: `expected a loopback address as Host, saw ${host}` };
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, code: 'foreign-origin', detail: `expected no page of another origin, saw ${origin}` };
  }
  const isOrder = !READING.has(request.method) && hasBody(request);
  if (isOrder && !request.is('application/json')) {
    return { status: 415, code: 'unsupported-media-type', detail: 'expected a body of type application/json' };
  }
  return null;
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
