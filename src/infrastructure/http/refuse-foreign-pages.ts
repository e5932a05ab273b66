import type { NextFunction, Request, Response } from 'express';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Without access tokens whoever can send a request can move tasks, and so could any page that a browser on this machine
 * has open. A page names its origin and cannot send JSON without asking first; a name that was rebound to this address
 * shows in the Host header.
 */
export function refuseForeignPages(request: Request, response: Response, next: NextFunction): void {
  const { host = '', origin } = request.headers;
  if (!LOOPBACK.test(host))
    return refuse(response, 403, 'foreign-host', `expected a loopback address as Host, saw ${host}`);
  if (origin !== undefined && origin !== `http://${host}`) {
    return refuse(response, 403, 'foreign-origin', `expected no page of another origin, saw ${origin}`);
  }
  if (!READING.has(request.method) && hasBody(request) && !request.is('application/json')) {
    return refuse(response, 415, 'unsupported-media-type', 'expected a body of type application/json');
  }
  next();
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuse(response: Response, status: number, code: string, detail: string): void {
  const problem = { type: 'about:blank', title: code, status, detail, code };
  response.status(status).type('application/problem+json').send(JSON.stringify(problem));
}
