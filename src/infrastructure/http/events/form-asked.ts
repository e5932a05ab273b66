import { HttpException, HttpStatus } from '@nestjs/common';
import type { Request } from 'express';
import type { EventsAsked } from '../../../application/event-feed/event-requests';

/** Named for the code that a problem gets from it. */
export class NotAcceptableException extends HttpException {
  constructor() {
    const text = 'Accept: expected text/event-stream or application/json, saw neither; name one of them';
    super(text, HttpStatus.NOT_ACCEPTABLE);
  }
}

/** By what the caller accepts; of one that accepts both, by whether it names a limit, which a stream has none of. */
export function formAsked(request: Request, { limit }: EventsAsked): 'stream' | 'page' {
  const isPage = limit !== undefined;
  const forms = isPage ? ['application/json', 'text/event-stream'] : ['text/event-stream', 'application/json'];
  const form = request.accepts(forms);
  if (form === false) throw new NotAcceptableException();
  return form === 'application/json' ? 'page' : 'stream';
}
