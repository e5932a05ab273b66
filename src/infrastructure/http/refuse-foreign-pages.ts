import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { familyOf } from '../outbound/addresses';
import { problem } from './problem.filter';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
const HOST = /^(?<host>\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** By which `Host` a service may be asked. */
export interface KnownHosts {
  /** Nobody but this machine reaches it. */
  readonly isLoopback: boolean;
  /** Other names that it has, those of its proxies among them. */
  readonly names: readonly string[];
}

/**
 * Reading needs no token on loopback, and any page that a browser on this machine has open could do it. A page names its origin and cannot
 * send JSON without asking first; a name that was rebound to this address shows in the Host header. An address cannot be rebound.
 */
export function refuseForeignPages(hosts: KnownHosts): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const objection = objectionTo(request, hosts);
    if (!objection) {
      next();
      return;
    }
    const { status, code, detail } = objection;
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problem(status, code, detail)));
  };
}

interface Objection {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

function objectionTo(request: Request, hosts: KnownHosts): Objection | null {
  const { host = '', origin } = request.headers;
  if (!isKnownHost(host, hosts)) {
    const expected = hosts.isLoopback ? 'a loopback address' : 'an address';
    const names = hosts.names.length === 0 ? '' : ` or one of ${hosts.names.join(', ')}`;
    const how = 'name it in STAGEGATE_HOST_NAMES where it is this service';
    return { status: 403, code: 'foreign-host', detail: `expected ${expected}${names} as Host, saw ${host}; ${how}` };
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return { status: 403, code: 'foreign-origin', detail: `expected no page of another origin, saw ${origin}` };
  }
  const isOrder = !READING.has(request.method) && hasBody(request);
  if (isOrder && !request.is('application/json')) {
    return { status: 415, code: 'unsupported-media-type', detail: 'expected a body of type application/json' };
  }
  return null;
}

function isKnownHost(given: string, { isLoopback, names }: KnownHosts): boolean {
  if (LOOPBACK.test(given)) return true;
  const host = HOST.exec(given)?.groups?.['host'] ?? '';
  return names.includes(host.toLowerCase()) || (!isLoopback && familyOf(host.replace(/^\[|\]$/g, '')) !== 0);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
