import {
  BadRequestException,
  SetMetadata,
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { RequestRefused } from '../../application/refusals';

export const PARAMETERS_METADATA = 'stagegate:parameters';

/** Names the query parameters of a route; a route without has none. */
export function Parameters(...names: readonly string[]): CustomDecorator {
  return SetMetadata(PARAMETERS_METADATA, names);
}

/** A parameter that is overlooked answers another question than the one that was asked: every unknown one is refused. */
export class KnownParameters implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToHttp().getRequest<Request>();
    const known = this.reflector.get<readonly string[] | undefined>(PARAMETERS_METADATA, context.getHandler()) ?? [];
    for (const [name, value] of Object.entries(query)) {
      if (!known.includes(name)) throw new BadRequestException(unknown(name, known));
      if (Array.isArray(value)) throw new RequestRefused('invalid', 'repeated-parameter', repeated(name, value.length));
    }
    return true;
  }
}

function unknown(name: string, known: readonly string[]): string {
  const expected = known.length === 0 ? 'no parameters' : `no parameters but ${known.join(', ')}`;
  return `query: expected ${expected}, saw ${JSON.stringify(name)}; leave it out`;
}

function repeated(name: string, times: number): string {
  return `${name}: expected at most once, saw it ${times} times`;
}
