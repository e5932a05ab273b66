import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RequestRefused } from '../../application/refusals';
import { isObject } from '../../domain/shape';
import { plainLine } from '../../domain/staging/plain-text';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { withoutSecrets } from '../../application/secrets';
import { etagOf } from './etag';
import { memberFault, memberFaultsOf, type MemberFault } from './member-faults';
import { isStoreTrouble } from '../store-trouble';
import type { Logger } from '../../application/ports/logger';

export interface Problem {
  /** Path of the page that says what the code means. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable; programs branch on it. */
  readonly code: string;
  /** Path of what was asked; left out where that is not known. */
  readonly instance?: string;
  /** What is wrong with members of the body, where that is the matter. */
  readonly errors?: readonly MemberFault[];
}

/** It repeats what callers have sent. */
const LONGEST_DETAIL = 2_000;
const LONGEST_INSTANCE = 300;
const STATUS = {
  unauthenticated: 401,
  forbidden: 403,
  invalid: 422,
  unknown: 404,
  conflict: 409,
  malformed: 400,
  gone: 410,
  limited: 429,
  moved: 412,
  unconditional: 428,
} as const;

/** Every error as RFC 9457 problem+json; what is not the caller's to know stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const found = this.problemOf(error);
    // To whom nobody knows, nothing is said that could differ.
    const problem = found.status === STATUS.unauthenticated ? found : { ...found, ...aboutRequest(error, request) };
    const response = http.getResponse<Response>();
    // RFC 9110, section 11.6.1.
    if (problem.status === STATUS.unauthenticated) response.setHeader('www-authenticate', 'Bearer');
    if (error instanceof RequestRefused && error.revision !== null) response.setHeader('etag', etagOf(error.revision));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof RequestRefused) return problem(STATUS[error.kind], error.code, error.message);
    if (error instanceof HttpException) return problem(error.getStatus(), codeOf(error), detailOf(error));
    const status = (error as { status?: unknown }).status;
    // The body parser's own errors: too large, not JSON.
    if (typeof status === 'number' && status >= 400 && status < 500)
      return problem(status, 'bad-request', textOfParser(error as ParserError));
    // A server that is away has been said once, and is asked for by every probe.
    if (isStoreTrouble(error)) return problem(503, error.code, error.message);
    this.logger.error('a request failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return error instanceof InfrastructureError
      ? problem(503, error.code, error.message)
      : problem(500, 'internal', 'an internal error; see the log');
  }
}

export function problem(status: number, code: string, detail: string): Problem {
  return {
    type: `/problems/${code}`,
    title: code,
    status,
    detail: plainLine(withoutSecrets(detail), LONGEST_DETAIL),
    code,
  };
}

/** Which request it was, and what of its body is in the way. */
function aboutRequest(error: unknown, { path, body }: Request): Pick<Problem, 'instance' | 'errors'> {
  const member = error instanceof RequestRefused ? error.member : null;
  const isInBody = member !== null && isObject(body) && Object.hasOwn(body, member);
  const errors = isInBody ? [memberFault(member, (error as Error).message)] : memberFaultsOf(error);
  const instance = plainLine(withoutSecrets(path), LONGEST_INSTANCE);
  return { instance, ...(errors.length > 0 && { errors }) };
}

/** Of the body parser. */
interface ParserError extends Error {
  readonly type?: string;
  readonly limit?: number;
  /** What was announced; left out by whoever sends in chunks. */
  readonly length?: number;
}

function textOfParser({ type, limit, length, message }: ParserError): string {
  if (type !== 'entity.too.large') return message;
  return `body: expected at most ${String(limit)} bytes, saw ${length ?? 'more'}; send less`;
}

function codeOf(error: HttpException): string {
  return error.name
    .replace(/Exception$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
}

function detailOf(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'object' ? (response as { message?: string | string[] }).message : response;
  return Array.isArray(message) ? message.join('; ') : (message ?? error.message);
}
