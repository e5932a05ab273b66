import {
  BadRequestException,
  createParamDecorator,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { hash } from 'node:crypto';
import type { Request, Response } from 'express';
import { RequestRefused } from '../../application/refusals';
import type { Conditions, KeyedRequest } from '../../application/requests';
import { canonicalJson, type JsonValue } from '../../domain/json';
import { callerOfRequest } from './caller';
import { isSignedRequest } from './hook-door';

export const CONDITIONS_METADATA = 'stagegate:conditions';
export const ETAG_METADATA = 'stagegate:etag';

export interface TakenConditions {
  /** Whether `If-Match` is taken, or has to be there; `Idempotency-Key` may be in any case. */
  readonly match: 'no' | 'may' | 'must';
}

/** For a route that asks something of a task. */
export const TakesConditions = (taken: TakenConditions) => SetMetadata(CONDITIONS_METADATA, taken);

/** For a read whose answer says which one it is. @param about what its ETag is, as a sentence */
export const HasEtag = (about: string) => SetMetadata(ETAG_METADATA, about);

const MATCH = 'if-match';
const KEY = 'idempotency-key';
const ETAG = /^"(\d{1,18})"$/;
const A_KEY = /^[\x21-\x7e]{1,255}$/;

/** A condition that is overlooked is worse than none: where it means nothing, it is refused. */
export class KnownConditions implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const { method, headers } = request;
    const taken = this.reflector.get<TakenConditions | undefined>(CONDITIONS_METADATA, context.getHandler());
    const [match, key] = [headers[MATCH], headers[KEY]];
    if (taken?.match === 'must' && match === undefined)
      throw new RequestRefused('unconditional', 'if-match-required', NEEDED);
    // What others have signed has whatever headers they send.
    if (method === 'GET' || method === 'HEAD' || isSignedRequest(request)) return true;
    if (key !== undefined && !taken)
      throw new BadRequestException(`${KEY}: expected none for this route, saw one; leave it out`);
    if (match !== undefined && (!taken || taken.match === 'no'))
      throw new BadRequestException(`${MATCH}: expected none for this route, saw one; leave it out`);
    return true;
  }
}

const NEEDED =
  'expected If-Match with the ETag of the task as you have seen it, or with * for whatever it is by now, saw none; send it';

/** The parameter of a route that is on which conditions it is asked. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): Conditions => {
  const http = context.switchToHttp();
  const request = http.getRequest<Request>();
  const expected = expectedIn(request.headers[MATCH]);
  const keyed = keyedBy(request, http.getResponse<Response>());
  return { ...(expected !== null && { expected }), ...(keyed && { keyed }) };
});

function expectedIn(given: string | undefined): bigint | null {
  if (given === undefined || given === '*') return null;
  const [, revision] = ETAG.exec(given) ?? [];
  if (revision !== undefined) return BigInt(revision);
  throw new BadRequestException(
    `${MATCH}: expected one ETag of a task, such as "7", or *, saw ${JSON.stringify(given)}; send what a GET of the task has answered`,
  );
}

/** A key is its sender's own, and of the place where it is sent to. */
function keyedBy(request: Request, response: Response): KeyedRequest | null {
  const given = request.headers[KEY];
  if (given === undefined) return null;
  if (typeof given !== 'string' || !A_KEY.test(given))
    throw new BadRequestException(
      `${KEY}: expected 1 to 255 visible characters of ASCII, saw something else; make another one`,
    );
  const { name } = callerOfRequest(request);
  const commandId = canonicalJson(['request', name, request.method, request.path, given]);
  const digest = hash('sha256', canonicalJson((request.body ?? null) as JsonValue));
  const onRepeated = () => {
    response.setHeader('idempotency-replayed', 'true');
  };
  return { commandId, digest, onRepeated };
}
